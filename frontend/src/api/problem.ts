/** What the server says when it refuses (RFC 9457), and how the page says it. */
import type { TFunction } from "i18next";

export interface Place {
  file?: string | null;
  code?: string | null;
  row?: number | null;
  field?: string | null;
  question?: string | null;
  problem?: string | null;
  [more: string]: unknown;
}

/** A refusal, or the network's failure (`status` 0, code `network`). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Record<string, unknown>;
  readonly where: Place[];

  constructor(given: { status: number; code?: string; detail?: string; params?: Record<string, unknown>; where?: Place[] }) {
    super(given.detail ?? "");
    this.name = "Problem";
    this.status = given.status;
    this.code = given.code ?? (given.status === 0 ? "network" : `http_${given.status}`);
    this.params = given.params ?? {};
    this.where = given.where ?? [];
  }
}

/** The problem in an answer's body, whatever shape the body has. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === "object" && body !== null && "status" in body) {
    return new Problem({ ...(body as { code?: string; detail?: string }), status });
  }
  return new Problem({ status, detail: typeof body === "string" ? body.slice(0, 300) : "" });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) return new Problem({ status: 0, detail: error.message });
  return new Problem({ status: -1, code: "unexpected", detail: error instanceof Error ? error.message : "" });
}

/** The sentence for a person: by code, else by the code's room-less family, else what the server said. */
export function sayProblem(t: TFunction, error: unknown): string {
  const problem = asProblem(error);
  const status = `http_${problem.status}`;
  const keys = [`errors:${problem.code}`];
  const general = [`errors:${status}`, "errors:unexpected"];
  const said = t(keys, { ...problem.params, defaultValue: "" });
  return said || problem.message || t(general);
}

/** One row or field at fault: `Row 3 · label · …`. Its own code is translated like that of the whole. */
export function placeSays(t: TFunction, place: Place): string {
  const row = place.row == null ? null : t("common:row_n", { n: place.row });
  const params = typeof place.params === "object" ? place.params : {};
  const wrong = place.code ? t(`errors:${place.code}`, { ...params, defaultValue: place.problem ?? "" }) : place.problem;
  return [place.file, row, place.field ?? place.question, wrong].filter(Boolean).join(" · ");
}
