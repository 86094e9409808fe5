/** Any number of several options: the value is the list of their names in the order of the options. */
import type { Question, Value } from "../../core/work.ts";
import type { Annotator, EditorProps, Shortcut, ViewerProps } from "../contract.ts";
import { faces } from "../options/marks.ts";
import { Chips, Options } from "../options/Options.tsx";
import { chosenIn, isFull, mayBeNone, toggled } from "./value.ts";

const NONE_KEY = "-";

function isNone(value: Value): boolean {
  return Array.isArray(value) && value.length === 0;
}

function Editor({ question, value, onChange, suggestion, keys, labelledBy }: EditorProps) {
  const none = { on: isNone(value), choose: () => onChange(isNone(value) ? undefined : [], true), key: NONE_KEY };
  return (
    <Options
      question={question}
      several
      chosen={chosenIn(value)}
      suggestion={suggestion}
      suggested={chosenIn(suggestion?.value)}
      keys={keys}
      labelledBy={labelledBy}
      full={isFull(question, value)}
      none={mayBeNone(question) ? none : undefined}
      toggle={(name) => onChange(toggled(question, value, name))}
    />
  );
}

function Viewer({ question, value }: ViewerProps) {
  return <Chips question={question} names={chosenIn(value)} />;
}

function shortcuts(question: Question): Shortcut[] {
  const each = faces(question).flatMap((face): Shortcut[] =>
    face.key ? [{ id: face.name, keys: [face.key], label: face.title, apply: (value) => toggled(question, value, face.name) }] : [],
  );
  const none: Shortcut = { id: "none of these", keys: [NONE_KEY], label: "", says: "annotators:none_of_these", apply: () => [], completes: true };
  return mayBeNone(question) ? [...each, none] : each;
}

const choices: Annotator = { type: "choices", Editor, Viewer, shortcuts, emptyValue: (question) => (mayBeNone(question) ? [] : undefined) };
export default choices;
