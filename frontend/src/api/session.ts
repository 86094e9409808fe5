/** Who is signed in, and what they may do in a project. */
import { queryOptions, useQuery } from "@tanstack/react-query";

import { hasChosen, isLanguage, speak } from "../i18n/index.ts";
import { api, call, carry } from "./client.ts";
import { queries } from "./query.ts";
import type { Me, ProjectRole } from "./types.ts";

function accept(me: Me): Me {
  carry(me.csrf);
  if (!hasChosen() && isLanguage(me.language)) void speak(me.language, false);
  return me;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => accept(await call<Me>(api.GET("/api/v1/me", {}))),
  staleTime: 60_000,
});

/** Take over the answer of login, setup or join. */
export function enter(me: Me): void {
  queries.clear();
  queries.setQueryData(meQuery.queryKey, accept(me));
}

export async function leave(): Promise<void> {
  await call(api.POST("/api/v1/logout", {}));
  carry("");
  queries.clear();
}

/** The signed-in person; pages behind the guard always have one. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("This page needs a signed-in person");
  return data;
}

export type Standing = ProjectRole | "owner";

/** The person's role in the project, `null` where they are no member. */
export function standing(me: Me, projectId: number): Standing | null {
  if (me.role === "owner") return "owner";
  return me.projects.find((project) => project.id === projectId)?.role ?? null;
}

export interface Rights {
  label: boolean;
  review: boolean;
  view: boolean;
  manage: boolean;
}

export function rightsOf(role: Standing | null): Rights {
  const engineer = role === "owner" || role === "engineer";
  const operator = engineer || role === "operator";
  return { label: role !== null, review: operator, view: operator, manage: engineer };
}

export function useRights(projectId: number): Rights {
  return rightsOf(standing(useMe(), projectId));
}

export function mayCreate(me: Me): boolean {
  return me.role === "owner" || me.role === "engineer";
}
