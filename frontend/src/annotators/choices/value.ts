import type { Question, Value } from "../../core/work.ts";

/** The chosen names of a value that may not be one. */
export function chosenIn(value: Value): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

/** The list with the name put in or taken out, in the order of the options; `undefined` when nothing is left. */
export function toggled(question: Question, value: Value, name: string): Value {
  const now = new Set(chosenIn(value));
  if (!now.delete(name)) {
    if (isFull(question, value)) return value;
    now.add(name);
  }
  const order = (question.options ?? []).map((option) => option.name);
  return now.size > 0 ? order.filter((one) => now.has(one)) : undefined;
}

/** True when no further option may be chosen. */
export function isFull(question: Question, value: Value): boolean {
  const most = question.max;
  return typeof most === "number" && chosenIn(value).length >= most;
}

/** True where choosing nothing is a legal answer. */
export function mayBeNone(question: Question): boolean {
  return !question.min;
}
