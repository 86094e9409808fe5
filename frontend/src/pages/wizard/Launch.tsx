/** Everything in one look, then the ring begins to turn. */
import { List, Paper, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import { queries } from "../../api/query.ts";
import type { Project } from "../../api/types.ts";
import { ringQuery } from "../../app/project.ts";
import { ErrorNote, Icon } from "../../parts/index.tsx";
import { count } from "../../parts/numbers.ts";
import { Onward } from "./index.tsx";

export function Launch({ project, back }: { project: Project; back: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { data: ring } = useQuery({ ...ringQuery(project.id), staleTime: 0 });
  const path = { params: { path: { project_id: project.id } } };
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      await call(api.POST("/api/v1/projects/{project_id}/loop", { ...path, body: { action: "start" } }));
      await queries.invalidateQueries({ queryKey: projectKey(project.id) });
      await navigate({ to: "/projects/$projectId", params: { projectId: String(project.id) } });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  const { settings, questions } = project;
  const overlap = typeof settings.overlap === "number" ? settings.overlap : 1;
  const pool = ring?.stations.learn.pool;
  return (
    <div>
      <Paper withBorder p="lg">
        <Text fw={650} fz="lg" mb="sm">{project.name}</Text>
        <List spacing="xs" icon={<Icon name="check" size={16} />}>
          <List.Item>{t(`wizard:kind_${project.modality}`)}{pool !== undefined && ` · ${t("wizard:pool_n", { count: pool, shown: count(pool) })}`}</List.Item>
          {questions.map((question) => <List.Item key={question.name}>{question.title ? `${question.title} · ` : ""}{(question.options ?? []).map((option) => option.title ?? option.name).join(" / ")}</List.Item>)}
          <List.Item>{t("wizard:overlap_said", { count: overlap })}</List.Item>
          <List.Item>{typeof settings.budget === "number" ? t("wizard:budget_said", { shown: count(settings.budget) }) : t("wizard:no_budget")}</List.Item>
        </List>
        <Text c="dimmed" mt="md" className="mg-phrase">{t("wizard:launch_text")}</Text>
      </Paper>
      <ErrorNote error={error} />
      <Onward back={back} next={() => void start()} busy={busy} label={t("wizard:launch")} />
    </div>
  );
}
