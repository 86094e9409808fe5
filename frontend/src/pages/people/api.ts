import { queryOptions } from "@tanstack/react-query";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { ProjectRole } from "../../api/types.ts";

export interface Member {
  id: number;
  name: string;
  email: string;
  role: string;
  answers: number;
  skill: number | null;
  skill_low: number | null;
  skill_high: number | null;
  agreement: number | null;
  last_seen: string | null;
}

export interface Invitation {
  id: number;
  role: ProjectRole;
  uses_left: number;
  hint: string;
  expires_at: string;
}

export interface NewInvitation extends Invitation {
  url: string;
  secret: string;
}

const path = (projectId: number) => ({ params: { path: { project_id: projectId } } });

export function membersQuery(projectId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "people"),
    queryFn: async () => (await call(api.GET("/api/v1/projects/{project_id}/people", path(projectId)))).rows as Member[],
  });
}

export function invitationsQuery(projectId: number) {
  return queryOptions({
    queryKey: projectKey(projectId, "invitations"),
    queryFn: async () => (await call<{ rows: Invitation[] }>(api.GET("/api/v1/projects/{project_id}/invitations", path(projectId)))).rows,
  });
}

export function invite(projectId: number, body: { role: ProjectRole; uses: number; days: number }) {
  return call<NewInvitation>(api.POST("/api/v1/projects/{project_id}/invitations", { ...path(projectId), body }));
}

export function revoke(invitationId: number) {
  return call(api.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: invitationId } } }));
}

const member = (projectId: number, personId: number) => ({ params: { path: { project_id: projectId, person_id: personId } } });

export function changeRole(projectId: number, personId: number, role: ProjectRole) {
  return call(api.PATCH("/api/v1/projects/{project_id}/people/{person_id}", { ...member(projectId, personId), body: { role } }));
}

export function remove(projectId: number, personId: number) {
  return call(api.DELETE("/api/v1/projects/{project_id}/people/{person_id}", member(projectId, personId)));
}
