import { queryOptions } from "@tanstack/react-query";

import { api, call } from "../api/client.ts";
import { projectKey } from "../api/live.ts";
import type { Reason } from "./transport.ts";

const EVERY = 10_000; // ms: annotators do not hear the project's live events

/** The reasons of ordinary work; what a reviewer decides has a page of its own, with what the model said beside it. */
export const REASONS: Reason[] = ["selection", "recheck", "gold", "collection"];

export interface Progress {
  mine: { today: number; total: number; seconds_median: number | null };
  tasks: Record<string, { tasks?: number; pending: number; answers_given: number; answers_wanted: number }>;
}

export function progressQuery(projectId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "progress"),
    queryFn: () => call<Progress>(api.GET("/api/v1/projects/{project_id}/progress", { params: { path: { project_id: projectId } } }) as never),
    refetchInterval: EVERY,
  });
}

export interface SetProgress {
  given: number;
  wanted: number;
  left: number;
}

/** How far the work now asked for has come, all reasons together. */
export function setProgress(progress: Progress | undefined): SetProgress | null {
  const rows = REASONS.flatMap((reason) => progress?.tasks[reason] ?? []).filter((row) => row.pending > 0);
  if (rows.length === 0) return null;
  const given = rows.reduce((sum, row) => sum + row.answers_given, 0);
  const wanted = rows.reduce((sum, row) => sum + row.answers_wanted, 0);
  return { given, wanted, left: Math.max(wanted - given, 0) };
}
