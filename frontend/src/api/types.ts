/** The shapes the page reads, named once; all of them are the server's own (`schema.ts`). */
import type { components } from "./schema.ts";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type SiteRole = Me["role"];
export type ProjectRole = Me["projects"][number]["role"];
export type ProjectCard = Schemas["ProjectCard"];
export type RingState = Schemas["Ring"];
export type Stations = Schemas["Stations"];
export type Step = NonNullable<RingState["step"]>;
export type Modality = string;

export interface Option {
  name: string;
  title?: string | null;
  hotkey?: string | null;
  color?: string | null;
}

/** A question; what its type asks for beside these (`options` for choices) lies flat in it. */
export interface Question {
  name: string;
  type: string;
  title?: string | null;
  required?: boolean;
  help?: string | null;
  options?: Option[];
  [config: string]: unknown;
}

export interface Page<T> {
  rows: T[];
  after?: number | null;
}

/** A project with its questions as they lie flat, and settings that the page reads by name. */
export interface Project extends Omit<Schemas["ProjectOut"], "questions" | "settings"> {
  questions: Question[];
  settings: Record<string, unknown>;
}
