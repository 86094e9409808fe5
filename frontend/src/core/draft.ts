/** A project in the making, as the wizard holds it. */
import type { Modality, Option, Question } from "../api/types.ts";
import { labelColour } from "../app/theme.ts";

export interface DraftOption {
  /** Stable while its name is being typed. */
  key: number;
  name: string;
  color: string;
  hotkey: string;
}

export interface DraftQuestion {
  type: "choice" | "choices";
  title: string;
  required: boolean;
  options: DraftOption[];
}

export interface Draft {
  name: string;
  modality: Modality | null;
  questions: DraftQuestion[];
}

let last = 0;

export function option(name: string): DraftOption {
  last += 1;
  return { key: last, name, color: "", hotkey: "" };
}

export function question(type: DraftQuestion["type"]): DraftQuestion {
  return { type, title: "", required: true, options: [option(""), option("")] };
}

/** Names added to a list of options: blank rows are filled first, known names left out. */
export function withNames(options: readonly DraftOption[], names: readonly string[]): DraftOption[] {
  const kept = options.filter(({ name }) => name.trim());
  const known = new Set(kept.map(({ name }) => name.trim()));
  return [...kept, ...names.filter((name) => !known.has(name)).map(option)];
}

function optionOut({ name, color, hotkey }: DraftOption): Option {
  return { name: name.trim(), ...(color && { color }), ...(hotkey && { hotkey }) };
}

/** The questions as the server takes them. Their names are short and stable; what people read is the title. */
export function questionsOut(questions: readonly DraftQuestion[]): (Question & { title: string; help?: string })[] {
  return questions.map((each, index) => ({
    name: index === 0 ? "label" : `label_${index + 1}`,
    type: each.type,
    title: each.title.trim(),
    required: each.required,
    options: each.options.filter(({ name }) => name.trim()).map(optionOut),
  }));
}

export type Lack = "name" | "modality" | "options" | "double" | "hotkey";

/** What still keeps the draft from becoming a project. */
export function lacks({ name, modality, questions }: Draft): Lack[] {
  const found: Lack[] = [];
  if (!modality) found.push("modality");
  if (!name.trim()) found.push("name");
  for (const { options } of questions) {
    const names = options.map((each) => each.name.trim()).filter(Boolean);
    if (names.length < 2) found.push("options");
    if (new Set(names).size < names.length) found.push("double");
    const hotkeys = options.map((each) => each.hotkey).filter(Boolean);
    if (new Set(hotkeys).size < hotkeys.length) found.push("hotkey");
  }
  return [...new Set(found)];
}

export function colourOf(options: readonly DraftOption[], index: number): string {
  const own = options[index]?.color;
  return labelColour(index, own === "" ? null : own);
}
