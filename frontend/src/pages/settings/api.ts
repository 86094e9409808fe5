import { queryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { Project } from "../../api/types.ts";
import type { Schema } from "../../annotators/form/schema.ts";

export interface Member {
  name: string;
  about: string;
}

export interface Possible {
  settings: Schema & { properties: Record<string, Schema & { default?: unknown }> };
  galleries: Record<string, Member[]>;
  gates: (Member & { schema_of_settings: Schema & { properties: Record<string, Schema & { default?: unknown }> } })[];
}

export interface Webhook {
  id: number;
  url: string;
  created_at: string;
  secret?: string | null;
}

export interface Delivery {
  id: number;
  state: "waiting" | "delivered" | "dead";
  tries: number;
  last_status: number | null;
  last_error: string | null;
  next_at: string | null;
  created_at: string;
}

/** Every setting with its limits and choices; the same for all projects. */
export const possibleQuery = queryOptions({ queryKey: ["project-settings"], queryFn: async () => (await call(api.GET("/api/v1/project-settings", {}))) as unknown as Possible, staleTime: Infinity });

const at = (projectId: number) => ({ params: { path: { project_id: projectId } } });

export function change(projectId: number, body: { name?: string; guidelines?: string; settings?: Record<string, unknown> }) {
  return call<Project>(api.PATCH("/api/v1/projects/{project_id}", { ...at(projectId), body }));
}

export function archive(projectId: number) {
  return call(api.DELETE("/api/v1/projects/{project_id}", at(projectId)));
}

export function webhooksQuery(projectId: number) {
  return queryOptions({ queryKey: projectKey(projectId, "webhooks"), queryFn: async () => (await call<{ rows: Webhook[] }>(api.GET("/api/v1/projects/{project_id}/webhooks", at(projectId)))).rows });
}

export function addWebhook(projectId: number, url: string) {
  return call<Webhook>(api.POST("/api/v1/projects/{project_id}/webhooks", { ...at(projectId), body: { url } }));
}

export function endWebhook(id: number) {
  return call(api.DELETE("/api/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: id } } }));
}

export function deliveriesQuery(projectId: number, id: number) {
  return queryOptions({ queryKey: projectKey(projectId, "webhooks", id), queryFn: async () => (await call<{ rows: Delivery[] }>(api.GET("/api/v1/webhooks/{webhook_id}/deliveries", { params: { path: { webhook_id: id } } }))).rows });
}

export function sendAgain(id: number) {
  return call(api.POST("/api/v1/deliveries/{delivery_id}/retry", { params: { path: { delivery_id: id } } }));
}
