/** One of several options: the value is its name. */
import type { Question } from "../../core/work.ts";
import type { Annotator, EditorProps, Shortcut, ViewerProps } from "../contract.ts";
import { faces } from "../options/marks.ts";
import { Chips, Options } from "../options/Options.tsx";

function Editor({ question, value, onChange, suggestion, keys, labelledBy }: EditorProps) {
  return (
    <Options
      question={question}
      several={false}
      chosen={typeof value === "string" ? [value] : []}
      suggestion={suggestion}
      suggested={typeof suggestion?.value === "string" ? [suggestion.value] : []}
      keys={keys}
      labelledBy={labelledBy}
      toggle={(name) => onChange(name, true)}
    />
  );
}

function Viewer({ question, value }: ViewerProps) {
  return <Chips question={question} names={[String(value)]} />;
}

function shortcuts(question: Question): Shortcut[] {
  return faces(question).flatMap((face) =>
    face.key ? [{ id: face.name, keys: [face.key], label: face.title, apply: () => face.name, completes: true }] : [],
  );
}

const choice: Annotator = { type: "choice", Editor, Viewer, shortcuts, emptyValue: () => undefined };
export default choice;
