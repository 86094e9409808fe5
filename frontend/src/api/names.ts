/** Actors such as `person:7` by name, where the one who looks may know it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, call } from "./client.ts";
import { projectKey } from "./live.ts";
import { useMe, useRights } from "./session.ts";

interface Member {
  id: number;
  name: string;
}

export function useNames(projectId: number): (actor: string) => string {
  const { t } = useTranslation();
  const me = useMe();
  const { view } = useRights(projectId);
  const { data } = useQuery({
    queryKey: projectKey(projectId, "names"),
    queryFn: () => call<{ rows: Member[] }>(api.GET("/api/v1/projects/{project_id}/people", { params: { path: { project_id: projectId } } })),
    enabled: view,
    staleTime: 300_000,
    retry: false,
  });
  const known = new Map([[me.id, me.name], ...(data?.rows ?? []).map(({ id, name }) => [id, name] as const)]);
  return (actor) => {
    const [kind = "system", id] = actor.split(":");
    return (kind === "person" ? known.get(Number(id)) : undefined) ?? t(`common:actor_${kind}`, { defaultValue: t("common:actor_system") });
  };
}
