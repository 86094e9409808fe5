/** Everything the model pages read. */
import { queryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { Comparison, ModelReport, Models, Move } from "./types.ts";

const at = (projectId: number) => ({ path: { project_id: projectId } });

export const modelsQuery = (projectId: number) => queryOptions({
  queryKey: projectKey(projectId, "models"),
  queryFn: () => call<Models>(api.GET("/api/v1/projects/{project_id}/models", { params: at(projectId) })),
});

export const movesQuery = (projectId: number) => queryOptions({
  queryKey: projectKey(projectId, "promotions"),
  queryFn: () => call<{ rows: Move[] }>(api.GET("/api/v1/projects/{project_id}/promotions", { params: at(projectId) })),
});

export const reportQuery = (projectId: number, modelId: number) => queryOptions({
  queryKey: projectKey(projectId, "models", modelId),
  queryFn: () => call<ModelReport>(api.GET("/api/v1/projects/{project_id}/models/{model_id}", { params: { path: { project_id: projectId, model_id: modelId } } })),
});

export const compareQuery = (projectId: number, a: number, b: number) => queryOptions({
  queryKey: projectKey(projectId, "compare", a, b),
  queryFn: () => call<Comparison>(api.GET("/api/v1/projects/{project_id}/models/compare", { params: { ...at(projectId), query: { a, b } } })),
});

export function promote(projectId: number, modelId: number, why: string, force: boolean): Promise<Move> {
  return call(api.POST("/api/v1/projects/{project_id}/models/{model_id}/promote", { params: { path: { project_id: projectId, model_id: modelId } }, body: { why, force } }));
}

export function rollBack(projectId: number, why: string): Promise<Move> {
  return call(api.POST("/api/v1/projects/{project_id}/rollback", { params: at(projectId), body: { why } }));
}
