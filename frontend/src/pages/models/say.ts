/** What gates and models say, in words. */
import type { TFunction } from "i18next";

import { chance, percent } from "../../parts/numbers.ts";
import type { GateSaid, ModelRow } from "./types.ts";

const SHARES = new Set(["accuracy", "common", "least", "margin", "drop"]);

/** `0.02` is a share and is read as 2%; `least: 50` is a number of labels. */
function readable(params: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, SHARES.has(name) && typeof value === "number" && value <= 1 ? percent(value) : value]),
  );
}

function worst(params: Record<string, unknown>): string {
  const rows = Array.isArray(params.worse) ? (params.worse as { slice: string; drop: number }[]) : [];
  // `source=app` is a field of the items; `=9` is the true answer 9.
  return rows.map(({ slice, drop }) => `${slice.replace(/^=/, "")} (−${percent(drop, 0)})`).join(", ");
}

/** One gate's finding; a gate the page has no words for speaks for itself. */
export function gateSays(t: TFunction, { code, params, text }: GateSaid): string {
  const p = typeof params.p_value === "number" ? chance(params.p_value) : params.p_value;
  return t(`models:${code}`, { ...readable(params), p_value: p, worst: worst(params), defaultValue: text });
}

/** The verdict in one line: what decided it. */
export function verdictSays(t: TFunction, { verdict, is_champion: champion }: ModelRow): string {
  if (!verdict) return t("models:not_judged");
  const refused = verdict.reasons.find(({ passed }) => !passed);
  if (refused) return gateSays(t, refused);
  return champion ? t("models:in_production") : t("models:passed");
}

/** A value of a choice or choices question as people read it. */
export function valueSays(value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? value.map(valueSays).join(", ") : "∅";
  if (value == null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
