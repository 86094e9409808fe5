/** The shapes of work as the API gives them (docs: `POST /projects/{id}/assignments`). */
export type Value = unknown;
export type Answers = Record<string, Value>;

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

export interface WorkItem {
  id: number;
  key?: string | null;
  text?: string | null;
  url?: string | null;
  mime?: string | null;
  meta?: Record<string, unknown>;
}

export interface Proposal {
  value: Value;
  score?: number | null;
}

export interface Assignment {
  id: number;
  task: number;
  item: WorkItem;
  questions: Question[];
  suggestion?: Record<string, Proposal> | null;
  reason?: string | null;
  /** ISO moment until which the task is mine. */
  expires_at: string;
  /** My own earlier answer, where an answer was reopened. */
  answers?: Answers | null;
}

/** The words for a question or an option: its title, else its name. */
export function titleOf(named: { name: string; title?: string | null }): string {
  return (named.title ?? "") || named.name;
}

/** What is still wanted before an answer can be sent: names of required questions without a value. */
export function missing(questions: Question[], answers: Answers): string[] {
  return questions.filter((q) => q.required !== false && isEmpty(answers[q.name])).map((q) => q.name);
}

export function isEmpty(value: Value): boolean {
  return value === undefined || value === null || value === "";
}

/** The answers without the questions left open. */
export function given(answers: Answers): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => !isEmpty(value)));
}
