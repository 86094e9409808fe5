/** Journal rows into sentences; what is done many times between two turns of the ring is said once. */
import type { TFunction } from "i18next";

import { percent } from "../../parts/numbers.ts";
import { why } from "./say.ts";

export interface JournalRow {
  id: number;
  at: string;
  kind: string;
  actor: string;
  actor_name?: string | null;
  item?: number | null;
  task?: number | null;
  model_version?: number | null;
  facts?: Record<string, unknown> | null;
}

export interface Folded {
  row: JournalRow;
  times: number;
}

/** What is told one by one, because each says something of its own. The others lie between them. */
const ALONE = /^(loop|evaluation|learning\.trained|data\.added|annotation\.imported|labelling\.(project|requested|cancelled))/;
/** What the loop's own steps say already. */
const SILENT = /^(loop\.(train|evaluate|promote)|learning\.selected|quality\.agreed|labelling\.requested|data\.entered)$/;

export function isLoud(kind: string): boolean {
  return /promot|rolled_back|refused|given_up/.test(kind);
}

/** Rows of one kind by one actor become one with a count, as long as nothing that is told alone lies between. */
export function fold(rows: readonly JournalRow[]): Folded[] {
  const folded: Folded[] = [];
  let open = new Map<string, Folded>();
  for (const row of rows) {
    if (SILENT.test(row.kind)) continue;
    // People are told apart; a hundred jobs or models that did the same are one line.
    const name = row.actor.startsWith("person:") ? `${row.kind} ${row.actor}` : row.kind;
    const known = open.get(name);
    if (known) {
      known.times += 1;
      continue;
    }
    const fresh = { row, times: 1 };
    folded.push(fresh);
    if (ALONE.test(row.kind)) open = new Map();
    else open.set(name, fresh);
  }
  return folded;
}

function who(t: TFunction, row: JournalRow): string {
  if (row.actor_name) return row.actor_name;
  const kind = row.actor.split(":")[0] ?? "system";
  return t(`common:actor_${kind}`, { defaultValue: t("common:actor_system") });
}

/** The loop writes a step's reason down as a code and `param_…`. */
function step(t: TFunction, kind: string, facts: Record<string, unknown>): string {
  const params = Object.fromEntries(Object.entries(facts).flatMap(([name, value]) => name.startsWith("param_") ? [[name.slice(6), value]] : []));
  return why(t, { name: kind.slice("loop.".length), code: String(facts.code), params });
}

export function sayRow(t: TFunction, row: JournalRow, times: number): string {
  const facts = row.facts ?? {};
  if (row.kind.startsWith("loop.") && typeof facts.code === "string") return step(t, row.kind, facts);
  const accuracy = typeof facts.accuracy === "number" ? percent(facts.accuracy) : "–";
  const params = { ...facts, accuracy, who: who(t, row), count: row.kind === "annotation.imported" ? facts.labels : times, item: row.item, task: row.task, model: row.model_version };
  return t([`ring:fact.${row.kind}`, "ring:fact_other"], { ...params, kind: row.kind });
}
