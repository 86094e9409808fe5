/** A project's overview: the ring, why it does what it does, how good it has become, what needs me. */
import { Button, Grid, Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import { useRights } from "../../api/session.ts";
import type { RingState } from "../../api/types.ts";
import { ringQuery, useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { stationOfRing } from "../../core/stations.ts";
import { BigRing } from "../../parts/BigRing.tsx";
import { useTold } from "../../parts/confirm.tsx";
import { Fetched, Icon, Page } from "../../parts/index.tsx";
import { type Station, STATIONS } from "../../parts/Mark.tsx";
import { duration, secondsSince } from "../../parts/numbers.ts";
import { Curve } from "./Curve.tsx";
import { ForMe } from "./ForMe.tsx";
import { Journal } from "./Journal.tsx";
import classes from "./Ring.module.css";
import { figure, stepName, why } from "./say.ts";

const LEADS = { learn: "models", verify: "models", watch: "reviews", decide: "reviews", relearn: "work" } as const;

const LONG = 60; // seconds in one step that are worth a word

export default function RingPage() {
  const projectId = useProjectId();
  const project = useProject(projectId);
  const ring = useQuery({ ...ringQuery(projectId), refetchInterval: 20_000 });
  return (
    <Page title={project.data?.name ?? " "} note={ring.data ? <Reason ring={ring.data} /> : <Skeleton component="span" height={20} width={280} display="block" />} actions={<Controls ring={ring.data} projectId={projectId} />}>
      <Stack gap="lg">
        <Fetched query={ring} loading={<Skeleton height={420} radius="md" />}>{(state) => <Picture ring={state} projectId={projectId} />}</Fetched>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}><Stack gap="lg"><ForMe ring={ring.data} projectId={projectId} /><Curve projectId={projectId} /></Stack></Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}><Journal projectId={projectId} /></Grid.Col>
        </Grid>
      </Stack>
    </Page>
  );
}

function Reason({ ring }: { ring: RingState }) {
  const { t } = useTranslation();
  return (
    <span aria-live="polite">
      {why(t, ring.step)} {!ring.running && ring.step && <b>{t("ring:is_paused")}</b>}
      {" "}{ring.running && <Since at={ring.step?.since} />}
    </span>
  );
}

function Since({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation();
  const seconds = secondsSince(at);
  return seconds < LONG ? null : <span className={classes.since}>{t("ring:since", { time: duration(seconds) })}</span>;
}

function Controls({ ring, projectId }: { ring: RingState | undefined; projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const { manage } = useRights(projectId);
  const turn = useMutation({
    mutationFn: (action: "start" | "pause" | "step") => call(api.POST("/api/v1/projects/{project_id}/loop", { params: { path: { project_id: projectId } }, body: { action } })),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(projectId) }),
    onError: (error) => told.failed(error),
  });
  if (!ring || !manage) return null;
  if (ring.running) {
    return <Button variant="default" leftSection={<Icon name="pause" size={16} />} loading={turn.isPending} onClick={() => turn.mutate("pause")}>{t("ring:pause")}</Button>;
  }
  return (
    <>
      <Button variant="default" leftSection={<Icon name="step" size={16} />} loading={turn.isPending} onClick={() => turn.mutate("step")}>{t("ring:one_step")}</Button>
      <Button leftSection={<Icon name="play" size={16} />} loading={turn.isPending} onClick={() => turn.mutate("start")}>{t(ring.step ? "ring:resume" : "ring:start")}</Button>
    </>
  );
}

function Picture({ ring, projectId }: { ring: RingState; projectId: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const running = stationOfRing(ring);
  const faces = Object.fromEntries(STATIONS.map((station) => [station, { name: t(`ring:station_${station}`), ...figure(t, station, ring.stations) }])) as Record<Station, { name: string; big: string; line: string }>;
  const go = (station: Station) => void navigate({ to: `/projects/$projectId/${LEADS[station]}`, params: { projectId: String(projectId) } });
  const { round } = ring.stations.relearn;
  const under = !ring.running ? t("ring:paused") : round > 0 ? t("ring:round_n", { n: round }) : "";
  const shared = { faces, running, heading: stepName(t, ring), under, label: t("ring:picture"), go };
  return (
    <section aria-label={t("ring:picture")}>
      <div className={classes.wide}><BigRing {...shared} worded /></div>
      <div className={classes.small}>
        <BigRing {...shared} worded={false} />
        <Stack gap={0} mt="md">
          {STATIONS.map((station) => (
            <UnstyledButton key={station} className={classes.row} onClick={() => go(station)} data-here={station === running || undefined}>
              <Group justify="space-between" wrap="nowrap" gap="sm">
                <div><Text fw={600}>{faces[station].name}</Text><Text size="sm" c="dimmed">{faces[station].line}</Text></div>
                <Text fw={650} fz="lg" className="mg-num">{faces[station].big}</Text>
              </Group>
            </UnstyledButton>
          ))}
        </Stack>
      </div>
    </section>
  );
}
