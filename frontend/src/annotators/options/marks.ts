/** How the options of a question look: title, key, colour and pattern. */
import { LABEL_COLOURS, labelColour } from "../../app/theme.ts";
import { optionKeys } from "../../core/optionKeys.ts";
import { background, patternOf } from "../../core/palette.ts";
import { titleOf, type Question } from "../../core/work.ts";

export interface Face {
  name: string;
  title: string;
  key: string | null;
  /** CSS background of the mark. */
  mark: string;
  color: string;
}

const kept = new WeakMap<Question, Face[]>();

/** The options of a question as they are shown, worked out once a question. */
export function faces(question: Question): Face[] {
  const known = kept.get(question);
  if (known) return known;
  const options = question.options ?? [];
  const keys = optionKeys(options);
  const made = options.map((option, index): Face => {
    const color = labelColour(index, option.color === "" ? null : option.color);
    const mark = background(color, patternOf(index, LABEL_COLOURS.length));
    return { name: option.name, title: titleOf(option), key: keys[index] ?? null, mark, color };
  });
  kept.set(question, made);
  return made;
}

/** The face of one option; an option that is no longer in the schema keeps its name. */
export function faceOf(question: Question, name: string): Face {
  return faces(question).find((face) => face.name === name) ?? { name, title: name, key: null, mark: "var(--mg-line)", color: "var(--mg-line)" };
}
