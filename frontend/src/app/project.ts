/** The project of the address, read once and shared by all its pages. */
import { queryOptions, useQuery } from "@tanstack/react-query";

import { api, call } from "../api/client.ts";
import { projectKey } from "../api/live.ts";
import type { Project, RingState } from "../api/types.ts";

export function projectQuery(projectId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "about"),
    queryFn: () => call<Project>(api.GET("/api/v1/projects/{project_id}", { params: { path: { project_id: projectId } } })),
    staleTime: 60_000,
  });
}

export function ringQuery(projectId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "ring"),
    queryFn: () => call<RingState>(api.GET("/api/v1/projects/{project_id}/ring", { params: { path: { project_id: projectId } } })),
  });
}

export function useProject(projectId: number) {
  return useQuery(projectQuery(projectId));
}
