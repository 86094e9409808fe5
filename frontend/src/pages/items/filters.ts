/** The filters of the list, as they stand in the address and as the server wants them. */
export interface Filters {
  split?: string;
  state?: string;
  question?: string;
  label?: string;
  model_answer?: string;
  min_disagreement?: number;
  q?: string;
  order?: string;
}

export const SPLITS = ["train", "test"] as const;
export const STATES = ["new", "waiting", "labelled"] as const;
export const DISAGREEMENTS = [0.01, 0.3, 0.5] as const;

const TEXTS = ["split", "state", "question", "label", "model_answer", "q", "order"] as const;

/** What an address asks for; what is no filter is left aside. */
export function fromSearch(search: Record<string, unknown>): Filters {
  const filters: Filters = {};
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === "string" || typeof value === "number") filters[name] = String(value);
  }
  const least = Number(search.min_disagreement);
  if (least > 0) filters.min_disagreement = least;
  return filters;
}

/** The filters that are set. */
export function asQuery(filters: Filters): Record<string, string | number> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ""));
}

export function isFiltered(filters: Filters): boolean {
  return Object.keys(asQuery(filters)).some((name) => name !== "order" && name !== "question");
}
