/** From a setting's JSON Schema to the control that changes it. */
import { fieldOf, resolved, type Schema } from "../../annotators/form/schema.ts";

export const GROUPS = {
  labelling: ["overlap", "blind", "lease_seconds", "give_up_after", "aggregator", "assignment"],
  learning: ["batch", "budget", "strategy", "stopping", "features", "model"],
  going_live: ["threshold", "confirm_promotion", "min_test_labels", "test_share"],
} as const;

const ELSEWHERE = ["gates"]; // drawn in words of their own

/** Settings that no group names: shown at the end, so that none is out of reach. */
export function others(names: string[]): string[] {
  const known = new Set<string>([...Object.values(GROUPS).flat(), ...ELSEWHERE]);
  return names.filter((name) => !known.has(name));
}

export type Control =
  | { kind: "yes_no" }
  | { kind: "percent"; min: number; max: number; empty: boolean }
  | { kind: "minutes"; min: number; max: number }
  | { kind: "number"; whole: boolean; min?: number; max?: number; empty: boolean }
  | { kind: "member" }
  | { kind: "text" };

export function controlOf(name: string, schema: Schema, hasMembers: boolean): Control {
  if (hasMembers) return { kind: "member" };
  const real = resolved(schema, schema);
  const field = fieldOf(schema, schema);
  if (field.kind === "yes_no") return { kind: "yes_no" };
  if (field.kind !== "number") return { kind: "text" };
  if (name.endsWith("_seconds")) return { kind: "minutes", min: (real.minimum ?? 0) / 60, max: (real.maximum ?? 86_400) / 60 };
  if (!field.whole && real.maximum !== undefined && real.maximum <= 1) return { kind: "percent", min: 0, max: real.maximum * 100, empty: real !== schema };
  return { kind: "number", whole: field.whole, min: real.minimum, max: real.maximum, empty: real !== schema };
}
