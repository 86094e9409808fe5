/** The shapes the page reads, named once. */
export type SiteRole = "owner" | "engineer" | "operator" | "annotator";
export type ProjectRole = "engineer" | "operator" | "annotator";
export type Modality = "text" | "image";

export interface Me {
  id: number;
  name: string;
  email: string;
  role: SiteRole;
  language: string;
  csrf: string;
  projects: { id: number; role: ProjectRole }[];
}

export interface Option {
  name: string;
  title?: string | null;
  hotkey?: string | null;
  color?: string | null;
}

export interface Question {
  name: string;
  type: string;
  title?: string | null;
  required?: boolean;
  help?: string | null;
  options?: Option[];
  [config: string]: unknown;
}

export interface Project {
  id: number;
  name: string;
  modality: Modality;
  questions: Question[];
  guidelines: string;
  settings: Record<string, unknown>;
  created_at: string;
  role: ProjectRole | "owner";
}

export interface Step {
  name: string;
  code: string;
  params: Record<string, unknown>;
  since?: string | null;
}

export interface Stations {
  learn?: { labels: number; pool: number; models: number };
  verify?: { accuracy: number | null; low: number | null; high: number | null; test_labels: number; verdict: boolean | null };
  watch?: { decisions: number; automated: number; automated_share: number | null };
  decide?: { reviews_pending: number };
  relearn?: { round: number; pending_tasks: number; answers_given: number; answers_wanted: number };
}

export interface RingState {
  running: boolean;
  step: Step | null;
  stations: Stations;
  next_for_me: { kind: string; count: number } | null;
}

export interface Page<T> {
  rows: T[];
  after: number | null;
}
