/** What the page asks of an annotation type: one folder here, found by its name. See docs/how-to/add-an-annotation-type.md. */
import type { ComponentType } from "react";

import type { Proposal, Question, Value } from "../core/work.ts";

/** A key that changes the answer. */
export interface Shortcut {
  id: string;
  /** As `core/keys.ts` writes them. */
  keys: string[];
  label: string;
  /** Name of the words that stand for the label where it is not the maker's own. */
  says?: string;
  /** The answer after the key, `undefined` where it takes the answer back. */
  apply: (value: Value) => Value;
  /** The answer is complete with this key, so that the desk may go on to the next question or task. */
  completes?: boolean;
}

export interface EditorProps {
  question: Question;
  value: Value;
  /** `completes` as in Shortcut. */
  onChange: (value: Value, completes?: boolean) => void;
  suggestion?: Proposal | null;
  /** Show which key does what; false for the questions that the keys do not reach now. */
  keys: boolean;
  /** Id of the element that holds the question's words. */
  labelledBy: string;
}

export interface ViewerProps {
  question: Question;
  value: Value;
}

export interface Annotator {
  type: string;
  Editor: ComponentType<EditorProps>;
  /** The answer in a line, for lists. */
  Viewer: ComponentType<ViewerProps>;
  shortcuts: (question: Question) => Shortcut[];
  /** The legal answer that says "nothing", `undefined` where there is none. */
  emptyValue: (question: Question) => Value;
}
