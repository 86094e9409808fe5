/** The annotation types the page knows: every folder beside this file, and a form drawn from its schema for all others. */
import type { Annotator } from "./contract.ts";
import form from "./form/index.tsx";

export type { Annotator, EditorProps, Shortcut, ViewerProps } from "./contract.ts";

const found = import.meta.glob<{ default: Annotator }>("./*/index.tsx", { eager: true });
const byType = new Map(Object.values(found).map((one) => [one.default.type, one.default]));

/** The annotator of a type; a form where the type has no folder. */
export function annotatorOf(type: string): Annotator {
  return byType.get(type) ?? form;
}
