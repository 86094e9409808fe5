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
  learn: (t, { learn }) => ({ big: count(learn?.labels), line: t("ring:learn_line", { count: learn?.models ?? 0, pool: learn?.pool ?? 0 }) }),
  verify: (t, { verify }) => ({
    big: percent(verify?.accuracy, 0),
    line: verify?.accuracy == null ? t("ring:verify_none", { count: verify?.test_labels ?? 0 }) : t("ring:verify_line", { interval: interval(verify.low, verify.high), count: verify.test_labels }),
  }),
  watch: (t, { watch }) => ({
    big: watch?.decisions ? percent(watch.automated_share, 0) : count(0),
    line: watch?.decisions ? t("ring:watch_line", { count: watch.decisions }) : t("ring:watch_none"),
  }),
  decide: (t, { decide }) => ({ big: count(decide?.reviews_pending ?? 0), line: t("ring:decide_line") }),
  relearn: (t, { relearn }) => ({
    big: relearn?.answers_wanted ? `${count(relearn.answers_given)}/${count(relearn.answers_wanted)}` : count(relearn?.round ?? 0),
    line: relearn?.answers_wanted ? t("ring:relearn_line", { n: relearn.round }) : t("ring:relearn_none"),
  }),
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
export function why(t: TFunction, step: Step | null): string {
  if (!step) return t("ring:not_started");
  return t([`ring:why.${step.code}`, `ring:step.${step.name}`], { ...worded(t, step.params), defaultValue: step.name });
}

export function stepName(t: TFunction, ring: RingState): string {
  if (!ring.step) return t("ring:step.none");
  return t(`ring:step.${ring.step.name}`, { defaultValue: ring.step.name });
}
