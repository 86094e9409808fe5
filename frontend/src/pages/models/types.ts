/** What the evaluation routes say (`GET /projects/{id}/models…`). */
export interface Measured {
  value: number;
  low: number;
  high: number;
}

export interface GateSaid {
  gate: string;
  passed: boolean;
  code: string;
  params: Record<string, unknown>;
  text: string;
}

export interface Verdict {
  passed: boolean;
  champion: number | null;
  reasons: GateSaid[];
  at: string;
}

export interface ModelRow {
  id: number;
  number: number;
  round: number;
  created_at: string;
  made_by: string;
  labels: number;
  dataset_version: number | null;
  features: string;
  test_labels: number | null;
  metrics: Record<string, Measured> | null;
  verdict: Verdict | null;
  is_champion: boolean;
  card: Record<string, unknown>;
}

export interface Models {
  champion: number | null;
  rows: ModelRow[];
}

export interface ConfusionTable {
  classes: string[];
  matrix: number[][];
  options?: { both: number; truth: number; answer: number }[];
}

export interface Wrong {
  item: number;
  key: string | null;
  text: string | null;
  truth: unknown;
  answer: unknown;
  score: number;
}

export interface QuestionReport {
  question: string;
  items: number;
  metrics: Record<string, Measured>;
  confusion: ConfusionTable;
  per_class: { name: string; items: number; precision: number | null; recall: number | null; f1: number | null }[];
  slices: { slice: string; items: number; accuracy: number; low: number; high: number }[];
  calibration: { low: number; high: number; items: number; score: number; right: number }[];
  worst: Wrong[];
}

export interface ModelReport extends ModelRow {
  report: QuestionReport | null;
  others: QuestionReport[];
}

export interface Comparison {
  a: number;
  b: number;
  question: string;
  both_right: number;
  only_a: number;
  only_b: number;
  both_wrong: number;
  p_value: number;
  items: { item: number; key: string | null; text: string | null; truth: unknown; a: unknown; b: unknown }[];
}

export interface Move {
  id: number;
  alias: string;
  model: number | null;
  number: number | null;
  kind: string;
  actor: string;
  why: string;
  at: string;
}
