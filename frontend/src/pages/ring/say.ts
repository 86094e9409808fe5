/** The ring's numbers and reasons in words. */
import type { TFunction } from "i18next";

import type { RingState, Stations, Step } from "../../api/types.ts";
import type { Station } from "../../parts/Mark.tsx";
import { count, interval, percent } from "../../parts/numbers.ts";

export interface Figure {
  /** The number in the station's circle. */
  big: string;
  /** One quiet line beneath its name. */
  line: string;
}

const FIGURES: Record<Station, (t: TFunction, stations: Stations) => Figure> = {
  learn: (t, { learn: { labels, pool } }) => ({ big: count(labels), line: t("ring:learn_line", { pool }) }),
  verify: (t, { verify: { accuracy, low, high, test_labels: tested } }) => ({
    big: percent(accuracy, accuracy !== null && accuracy > 0.95 ? 1 : 0),
    line: accuracy === null ? t("ring:verify_none", { count: tested }) : t("ring:verify_line", { interval: interval(low, high), count: tested }),
  }),
  watch: (t, { watch: { decisions, automated_share: share } }) =>
    decisions > 0 ? { big: percent(share, 0), line: t("ring:watch_line", { count: decisions }) } : { big: count(0), line: t("ring:watch_none") },
  decide: (t, { decide }) => ({ big: count(decide.reviews_pending), line: t("ring:decide_line") }),
  relearn: (t, { relearn: { round, answers_given: given, answers_wanted: wanted } }) =>
    wanted > 0 ? { big: `${count(given)}/${count(wanted)}`, line: t("ring:relearn_line", { n: round }) } : { big: count(round), line: t("ring:relearn_none", { count: round }) },
};

export function figure(t: TFunction, station: Station, stations: Stations): Figure {
  return FIGURES[station](t, stations);
}

/** The inner reason (a gate, a problem, a criterion) comes as a code beside its English words. */
function worded(t: TFunction, params: Record<string, unknown>): Record<string, unknown> {
  const code = [params.refusal, params.problem, params.reason].find((each) => typeof each === "string" && each !== "");
  if (typeof code !== "string") return params;
  return { ...params, why: t(`ring:part.${code}`, { defaultValue: typeof params.why === "string" ? params.why : code }) };
}

/** The step's reason in one sentence. */
export function why(t: TFunction, step: Pick<Step, "code" | "params"> & { name: string } | null): string {
  if (!step) return t("ring:not_started");
  return t([`ring:why.${step.code}`, `ring:step.${step.name}`], { ...worded(t, step.params), defaultValue: step.name });
}

export function stepName(t: TFunction, ring: RingState): string {
  if (!ring.step) return t("ring:step.none");
  return t(`ring:step.${ring.step.name}`, { defaultValue: ring.step.name });
}
