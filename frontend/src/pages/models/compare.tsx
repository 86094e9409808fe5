/** Two models on the same locked items: who is right where. */
import { Anchor, Group, Paper, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { Empty, Fetched, Loading, Page } from "../../parts/index.tsx";
import { chance, count } from "../../parts/numbers.ts";
import classes from "./Compare.module.css";
import { ItemFace } from "./Errors.tsx";
import { compareQuery, modelsQuery } from "./queries.ts";
import { valueSays } from "./say.ts";
import type { Comparison } from "./types.ts";

const SURE = 0.05;
const FIRST = 48;

export default function Compare() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const navigate = useNavigate();
  const { a, b } = useSearch({ from: "/inside/projects/$projectId/models/compare" });
  const models = useQuery(modelsQuery(projectId));
  const comparison = useQuery({ ...compareQuery(projectId, a ?? 0, b ?? 0), enabled: Boolean(a && b && a !== b) });
  const choices = (models.data?.rows ?? []).map(({ id, number, is_champion: champion }) => ({ value: String(id), label: t("models:model_n", { n: number }) + (champion ? ` · ${t("models:champion")}` : "") }));
  const name = (id: number) => t("models:model_n", { n: models.data?.rows.find((model) => model.id === id)?.number ?? id });
  const set = (search: { a?: number; b?: number }) => void navigate({ to: "/projects/$projectId/models/compare", params: { projectId: String(projectId) }, search, replace: true });
  return (
    <Page title={t("models:compare")} note={<Anchor component={Link} to="/projects/$projectId/models" params={{ projectId: String(projectId) } as never} size="sm">{t("models:back_to_all")}</Anchor>}>
      <Stack gap="lg">
        <Group>
          <Select label="A" data={choices} value={a ? String(a) : null} onChange={(value) => set({ a: Number(value), b })} w={220} />
          <Select label="B" data={choices} value={b ? String(b) : null} onChange={(value) => set({ a, b: Number(value) })} w={220} />
        </Group>
        {a && b && a !== b ? (
          <Fetched query={comparison} loading={<Loading rows={2} height={180} gap={16} />}>{(found) => <Told found={found} a={name(found.a)} b={name(found.b)} projectId={projectId} />}</Fetched>
        ) : <Empty icon="models" title={t("models:compare_choose")} />}
      </Stack>
    </Page>
  );
}

function Told({ found, a, b, projectId }: { found: Comparison; a: string; b: string; projectId: number }) {
  const { t } = useTranslation();
  const { data: project } = useProject(projectId);
  const [only, setOnly] = useState<"a" | "b" | null>(null);
  const better = found.only_a > found.only_b ? a : b;
  const verdict = found.p_value <= SURE ? t("models:is_better", { name: better, p: chance(found.p_value) }) : t("models:no_difference", { p: chance(found.p_value) });
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const rows = found.items.filter((row) => only === null || same(row[only], row.truth));
  const boxes = [
    { name: t("models:both_right"), value: found.both_right, key: null },
    { name: t("models:only_right", { name: a }), value: found.only_a, key: "a" as const },
    { name: t("models:only_right", { name: b }), value: found.only_b, key: "b" as const },
    { name: t("models:both_wrong"), value: found.both_wrong, key: null },
  ];
  return (
    <Stack gap="lg">
      <Text fw={600} fz="lg">{verdict}</Text>
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        {boxes.map((box) => (
          <button key={box.name} type="button" className={classes.box} disabled={box.key === null} aria-pressed={box.key !== null && only === box.key} onClick={() => setOnly(only === box.key ? null : box.key)}>
            <Text size="sm" c="dimmed">{box.name}</Text><Text fw={650} fz="xl" className="mg-num">{count(box.value)}</Text>
          </button>
        ))}
      </SimpleGrid>
      <section>
        <Text component="h2" m={0} fw={650} mb="xs">{t("models:differ", { count: rows.length })}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="sm">
          {rows.slice(0, FIRST).map((row) => (
            <Paper key={row.item} withBorder p="sm" pos="relative" className="mg-lift">
              <ItemFace item={row.item} text={row.text} picture={project?.modality === "image"} projectId={projectId} size={88} />
              <Text size="sm" mt={8}><Link className="mg-plain mg-cover" to="/projects/$projectId/items/$itemId" params={{ projectId: String(projectId), itemId: String(row.item) }}><Text span size="xs" c="dimmed">{t("models:truth")}</Text> <b>{valueSays(row.truth)}</b></Link></Text>
              <Said name={a} value={row.a} right={same(row.a, row.truth)} />
              <Said name={b} value={row.b} right={same(row.b, row.truth)} />
            </Paper>
          ))}
        </SimpleGrid>
      </section>
    </Stack>
  );
}

function Said({ name, value, right }: { name: string; value: unknown; right: boolean }) {
  return <Text size="sm"><Text span size="xs" c="dimmed">{name}</Text> <Text span fw={600} c={right ? "var(--mg-good)" : "var(--mg-bad)"}>{right ? "✓" : "✗"} {valueSays(value)}</Text></Text>;
}
