/** One card a project: its ring in small, how good it is, what it needs from a person. */
import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { mayCreate, rightsOf, standing, useMe } from "../../api/session.ts";
import type { Page as Rows, ProjectCard, RingState } from "../../api/types.ts";
import { ringQuery } from "../../app/project.ts";
import { stationOfRing } from "../../core/stations.ts";
import { Empty, Fetched, Icon, Loading, Mark, Page } from "../../parts/index.tsx";
import { count, interval, percent } from "../../parts/numbers.ts";
import { why } from "../ring/say.ts";

const MANY = 8; // from this many projects on, a search helps

export default function Projects() {
  const { t } = useTranslation();
  const me = useMe();
  const query = useQuery({ queryKey: ["projects"], queryFn: () => call<Rows<ProjectCard>>(api.GET("/api/v1/projects", {})) });
  const create = mayCreate(me) && (
    <Button component={Link} to="/new" leftSection={<Icon name="plus" size={16} />}>{t("projects:new")}</Button>
  );
  return (
    <Page title={t("projects:title")} actions={query.data?.rows.length ? create : undefined}>
      <Fetched query={query} loading={<Loading rows={3} height={148} gap={16} />}>
        {({ rows }) => rows.length > 0 ? <Cards rows={rows} /> : (
          <Empty title={t(create ? "projects:empty_title" : "projects:empty_guest_title")} action={create}>
            {t(create ? "projects:empty_text" : "projects:empty_guest_text")}
          </Empty>
        )}
      </Fetched>
    </Page>
  );
}

function Cards({ rows }: { rows: ProjectCard[] }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState("");
  const found = rows.filter((row) => row.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <Stack>
      {rows.length >= MANY && (
        <TextInput value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} placeholder={t("projects:search")} aria-label={t("projects:search")} leftSection={<Icon name="search" size={16} />} maw={320} />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {found.map((row) => <ProjectTile key={row.id} row={row} />)}
      </SimpleGrid>
    </Stack>
  );
}

function ProjectTile({ row }: { row: ProjectCard }) {
  const { t } = useTranslation();
  const rights = rightsOf(standing(useMe(), row.id));
  const { data: ring } = useQuery({ ...ringQuery(row.id), enabled: rights.view, refetchInterval: 30_000 });
  return (
    <Card component="article" className="mg-lift" pos="relative">
      <Group wrap="nowrap" gap="md" align="flex-start">
        <Mark size={76} running={stationOfRing(ring)} />
        <Stack gap={4} style={{ minWidth: 0, flex: 1 }}>
          <Text component="h2" m={0} fw={650} fz="lg" lineClamp={2}>
            <Link to={rights.view ? "/projects/$projectId" : "/projects/$projectId/work"} params={{ projectId: String(row.id) }} className="mg-plain mg-cover">{row.name}</Link>
          </Text>
          <Text size="sm" c="dimmed" lineClamp={2} mih={42} className="mg-phrase">{rights.view ? ring && why(t, ring.step) : t("projects:to_work")}</Text>
        </Stack>
      </Group>
      {rights.view && <Facts ring={ring} />}
    </Card>
  );
}

function Facts({ ring }: { ring: RingState | undefined }) {
  const { t } = useTranslation();
  const { verify, watch, learn } = ring?.stations ?? {};
  const mine = ring?.next_for_me;
  return (
    <>
      <SimpleGrid cols={3} spacing="xs" mt="md">
        <Fact name={t("projects:accuracy")} value={percent(verify?.accuracy)} more={verify?.accuracy == null ? "" : interval(verify.low, verify.high)} />
        <Fact name={t("projects:automated")} value={watch?.decisions ? percent(watch.automated_share, 0) : "–"} more="" />
        <Fact name={t("projects:labels")} value={count(learn?.labels)} more="" />
      </SimpleGrid>
      <Group mt={4} mih={26}>
        {mine && mine.count > 0 ? <Badge variant="light" size="lg" tt="none">{t("projects:waits", { count: mine.count })}</Badge> : ring && !ring.running && <Badge variant="light" color="gray" size="lg" tt="none">{t("projects:paused")}</Badge>}
      </Group>
    </>
  );
}

function Fact({ name, value, more }: { name: string; value: string; more: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text fw={600} className="mg-num">{value}</Text>
      <Text size="xs" c="dimmed" className="mg-num" mih={18}>{more}</Text>
    </div>
  );
}
