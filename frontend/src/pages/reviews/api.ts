import { infiniteQueryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { Answers } from "../../core/work.ts";
import type { Reason } from "../../work/transport.ts";

export interface Review {
  task: number;
  item: { id: number; key: string | null; text: string | null; mime: string | null; thumbnail: string | null };
  answer: Answers | null;
  score: number | null;
  decision_id: number | null;
  created_at: string;
  due: string | null;
}

export const REASONS: Reason[] = ["review", "audit", "adjudication"];

/** What waits for a person, the oldest first. */
export function reviewsQuery(projectId: number) {
  return infiniteQueryOptions({
    queryKey: projectKey(projectId, "reviews"),
    initialPageParam: 0,
    queryFn: ({ pageParam }) => call<{ rows: Review[]; after: number | null }>(api.GET("/api/v1/projects/{project_id}/reviews", { params: { path: { project_id: projectId }, query: { after: pageParam || undefined, limit: 50 } } })),
    getNextPageParam: (last) => last.after ?? undefined,
  });
}
