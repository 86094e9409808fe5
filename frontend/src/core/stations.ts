/** Where on the ring a step of the loop stands. */
import type { RingState } from "../api/types.ts";
import type { Station } from "../parts/Mark.tsx";

const PLACE: Record<string, Station> = {
  collect: "relearn",
  select: "relearn",
  wait: "relearn",
  aggregate: "relearn",
  train: "learn",
  evaluate: "verify",
  promote: "verify",
  recalibrate: "watch",
};

/** The station of a step; a loop that is done stands nowhere. */
export function stationOf(step: string | null | undefined, code = ""): Station | null {
  if (code === "loop.wait.confirm") return "verify";
  return step ? (PLACE[step] ?? null) : null;
}

export function stationOfRing(ring: RingState | undefined): Station | null {
  return stationOf(ring?.step?.name, ring?.step?.code);
}
