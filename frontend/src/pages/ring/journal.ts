/** Journal rows into sentences; the same thing many times in a row is said once. */
import type { TFunction } from "i18next";

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

/** Rows of the same kind by the same actor, one after another, become one with a count. */
export function fold(rows: readonly JournalRow[]): Folded[] {
  const folded: Folded[] = [];
  for (const row of rows) {
    const last = folded.at(-1);
    if (last?.row.kind === row.kind && last.row.actor === row.actor && !ALONE.test(row.kind)) last.times += 1;
    else folded.push({ row, times: 1 });
  }
  return folded;
}

/** What is told one by one, because each says something of its own. */
const ALONE = /promot|rollback|verdict|judge|measur|train|step/;

function who(t: TFunction, row: JournalRow): string {
  if (row.actor_name) return row.actor_name;
  const kind = row.actor.split(":")[0] ?? "system";
  return t(`common:actor_${kind}`, { defaultValue: t("common:actor_system") });
}

export function sayRow(t: TFunction, row: JournalRow, times: number): string {
  const facts = row.facts ?? {};
  const params = { ...facts, who: who(t, row), count: times, item: row.item, task: row.task, model: row.model_version };
  return t([`ring:fact.${row.kind}`, "ring:fact_other"], { ...params, kind: row.kind });
}
