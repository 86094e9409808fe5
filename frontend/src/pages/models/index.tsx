/** Champion and challengers: what changed, what the gate said, and who moved what into production. */
import { Badge, Box, Button, Checkbox, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useRights } from "../../api/session.ts";
import { useProjectId } from "../../app/router.tsx";
import { Empty, Fetched, Icon, Loading, Page } from "../../parts/index.tsx";
import { ago, count, interval, percent } from "../../parts/numbers.ts";
import { Moves } from "./Moves.tsx";
import { Promote, RollBack } from "./Promote.tsx";
import { modelsQuery } from "./queries.ts";
import { verdictSays } from "./say.ts";
import type { ModelRow, Models as All } from "./types.ts";

export default function Models() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const query = useQuery(modelsQuery(projectId));
  return (
    <Page title={t("models:title")} note={t("models:note")}>
      <Fetched query={query} loading={<Loading rows={4} height={88} gap={12} />}>
        {(models) => models.rows.length > 0 ? <Listed models={models} projectId={projectId} /> : <Empty icon="models" title={t("models:empty")}>{t("models:empty_text")}</Empty>}
      </Fetched>
    </Page>
  );
}

function Listed({ models, projectId }: { models: All; projectId: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { manage } = useRights(projectId);
  const [picked, setPicked] = useState<number[]>([]);
  const pick = (id: number) => setPicked((now) => now.includes(id) ? now.filter((each) => each !== id) : [...now, id].slice(-2));
  const [a, b] = [...picked].sort((one, other) => one - other);
  const compare = () => void navigate({ to: "/projects/$projectId/models/compare", params: { projectId: String(projectId) }, search: { a, b } });
  const champion = models.rows.find(({ is_champion: is }) => is);
  return (
    <Stack gap="lg">
      {champion && <Champion model={champion} projectId={projectId} manage={manage} />}
      <Box>
        <Group justify="space-between" mb="xs" mih={36}>
          <Text component="h2" m={0} fw={650}>{t("models:all")}</Text>
          {models.rows.length > 1 && <Button size="xs" variant="default" disabled={picked.length !== 2} onClick={compare}>{t("models:compare_two")}</Button>}
        </Group>
        <Stack gap="xs">
          {models.rows.map((model, index) => <Row key={model.id} model={model} before={models.rows[index + 1]} projectId={projectId} manage={manage} picked={picked.includes(model.id)} pick={() => pick(model.id)} />)}
        </Stack>
      </Box>
      <Moves projectId={projectId} />
    </Stack>
  );
}

function Champion({ model, projectId, manage }: { model: ModelRow; projectId: number; manage: boolean }) {
  const { t } = useTranslation();
  const accuracy = model.metrics?.accuracy;
  return (
    <Paper withBorder p="lg" style={{ borderLeft: "3px solid var(--mg-accent)" }}>
      <Group justify="space-between" gap="md">
        <div>
          <Text size="sm" c="dimmed">{t("models:champion")}</Text>
          <Text fw={650} fz="xl"><Link className="mg-plain" to="/projects/$projectId/models/$modelId" params={{ projectId: String(projectId), modelId: String(model.id) }}>{t("models:model_n", { n: model.number })}</Link></Text>
          <Text size="sm" c="dimmed">{t("models:learnt_from", { count: model.labels })} · {ago(model.created_at)}</Text>
        </div>
        <div>
          <Text size="sm" c="dimmed">{t("models:accuracy")}</Text>
          <Text fw={650} fz="xl" className="mg-num">{percent(accuracy?.value)}</Text>
          <Text size="sm" c="dimmed" className="mg-num">{interval(accuracy?.low, accuracy?.high)}</Text>
        </div>
        {manage && <RollBack projectId={projectId} />}
      </Group>
    </Paper>
  );
}

interface RowProps {
  model: ModelRow;
  before: ModelRow | undefined;
  projectId: number;
  manage: boolean;
  picked: boolean;
  pick: () => void;
}

function Row({ model, before, projectId, manage, picked, pick }: RowProps) {
  const { t } = useTranslation();
  const accuracy = model.metrics?.accuracy;
  const more = before ? model.labels - before.labels : 0;
  const to = { to: "/projects/$projectId/models/$modelId", params: { projectId: String(projectId), modelId: String(model.id) } } as const;
  const colour = model.verdict == null ? "var(--mg-line)" : model.verdict.passed ? "var(--mg-good)" : "var(--mg-bad)";
  return (
    <Paper withBorder p="md" component="article" className="mg-lift">
      <Group gap="md" wrap="nowrap" align="flex-start">
        <Checkbox mt={4} checked={picked} onChange={pick} aria-label={t("models:pick", { n: model.number })} />
        <Group gap="md" style={{ flex: 1 }} align="flex-start">
          <Box style={{ flex: "1 1 180px" }}>
            <Group gap="xs">
              <Link {...to} style={{ fontWeight: 650, color: "inherit" }}>{t("models:model_n", { n: model.number })}</Link>
              {model.is_champion && <Badge variant="light" tt="none">{t("models:champion")}</Badge>}
            </Group>
            <Text size="sm" c="dimmed">{t("models:learnt_from", { count: model.labels })}{more > 0 && ` (+${count(more)})`} · {t("models:round_n", { n: model.round })} · {ago(model.created_at)}</Text>
          </Box>
          <Box style={{ flex: "0 0 120px" }}>
            <Text fw={600} className="mg-num">{percent(accuracy?.value)}</Text>
            <Text size="xs" c="dimmed" className="mg-num">{interval(accuracy?.low, accuracy?.high)}</Text>
          </Box>
          <Group gap={8} wrap="nowrap" align="flex-start" style={{ flex: "2 1 240px" }}>
            <Box c={colour} mt={2}><Icon name={model.verdict == null ? "clock" : model.verdict.passed ? "check" : "close"} size={16} /></Box>
            <Text size="sm">{verdictSays(t, model)}</Text>
          </Group>
          {manage && <Box miw={{ base: 0, md: 104 }} ta="right">{!model.is_champion && model.verdict?.passed && <Promote model={model} projectId={projectId} />}</Box>}
        </Group>
      </Group>
    </Paper>
  );
}

