/** What runs, what waits, what failed and why; failed jobs can be run again. */
import { Badge, Box, Button, Code, Collapse, Group, Paper, Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import type { components } from "../../api/schema.ts";
import { useRights } from "../../api/session.ts";
import { useProjectId } from "../../app/router.tsx";
import { useTold } from "../../parts/confirm.tsx";
import { Empty, ErrorNote, Icon, Loading, Page } from "../../parts/index.tsx";
import { ago, count, duration, moment, percent } from "../../parts/numbers.ts";
import classes from "./Jobs.module.css";

type Job = components["schemas"]["JobOut"];
type Jobs = components["schemas"]["JobsOut"];

const STATES = ["all", "running", "queued", "failed", "done"] as const;
type Shown = (typeof STATES)[number];
const COLOURS = { queued: "gray", running: "vermilion", done: "gray", failed: "vermilion" } as const;

export default function JobsPage() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const [shown, setShown] = useState<Shown>("all");
  const query = useInfiniteQuery({
    queryKey: projectKey(projectId, "jobs", shown),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => call<Jobs>(api.GET("/api/v1/projects/{project_id}/jobs", { params: { path: { project_id: projectId }, query: { after: pageParam, limit: 50, state: shown === "all" ? undefined : shown } } })),
    getNextPageParam: (last) => last.after ?? undefined,
    refetchInterval: ({ state }) => state.data?.pages.some(({ rows }) => rows.some((job) => job.state === "running" || job.state === "queued")) ? 2_000 : 15_000,
  });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page title={t("jobs:title")} note={t("jobs:note")}>
      <Stack>
        <Box style={{ overflowX: "auto" }}><SegmentedControl value={shown} onChange={(value) => setShown(value)} data={STATES.map((state) => ({ value: state, label: t(`jobs:state_${state}`) }))} aria-label={t("jobs:show")} /></Box>
        {query.isPending && <Loading rows={6} height={64} />}
        <ErrorNote error={query.error} retry={() => void query.refetch()} />
        {query.data && rows.length === 0 && <Empty icon="jobs" title={t(shown === "failed" ? "jobs:none_failed" : "jobs:empty")}>{t("jobs:empty_text")}</Empty>}
        {rows.length > 0 && <Paper withBorder px="md">{rows.map((job) => <Row key={job.id} job={job} projectId={projectId} />)}</Paper>}
        {query.hasNextPage && <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common:show_more")}</Button>}
      </Stack>
    </Page>
  );
}

/** A step of the loop by what it did, everything else by its kind. */
function nameOf(t: TFunction, { name, result, note }: Job): string {
  const done = (result as { step?: string | null } | null)?.step ?? (name === "loop.advance" ? note : "");
  return done ? t("jobs:loop_step", { step: t(`ring:step.${done}`, { defaultValue: done }) }) : t(`jobs:name.${name}`, { defaultValue: name });
}

/** The line of a traceback that says what happened; libraries write advice after it. */
function gist(error: string): string {
  const lines = error.trim().split("\n");
  return lines.findLast((line) => /^[\w.]*(Error|Exception|Invalid|Conflict|NotFound)\b/.test(line)) ?? lines.at(-1) ?? "";
}

function took(job: Job): string | null {
  if (!job.started_at) return null;
  const end = job.ended_at ? new Date(job.ended_at).getTime() : Date.now();
  return duration((end - new Date(job.started_at).getTime()) / 1000);
}

function Row({ job, projectId }: { job: Job; projectId: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = `job-${job.id}`;
  return (
    <article className={classes.job}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <Box style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs"><Text fw={600}>{nameOf(t, job)}</Text><Badge variant={job.state === "failed" ? "filled" : "light"} color={COLOURS[job.state]} tt="none">{t(`jobs:state_${job.state}`)}</Badge></Group>
          <Text size="sm" c="dimmed"><span title={moment(job.created_at)}>{ago(job.created_at)}</span>{took(job) && ` · ${took(job) ?? ""}`}{job.tries > 1 && ` · ${t("jobs:tries", { count: job.tries, shown: count(job.tries) })}`}{job.note && job.name !== "loop.advance" && ` · ${job.note}`}</Text>
        </Box>
        <Group gap="xs">
          {job.can_retry && <Retry job={job} projectId={projectId} />}
          <Button size="xs" variant="subtle" color="gray" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>{t(open ? "jobs:less" : "jobs:details")}</Button>
        </Group>
      </Group>
      {job.state === "running" && <Progress mt="sm" value={Math.max(job.progress * 100, 2)} animated aria-label={percent(job.progress, 0)} />}
      {job.error && <Text size="sm" c="var(--mg-bad)" mt="xs" lineClamp={open ? undefined : 2}>{gist(job.error)}</Text>}
      <Collapse expanded={open} id={id}>{open && <Details job={job} />}</Collapse>
    </article>
  );
}

function Details({ job }: { job: Job }) {
  const { t } = useTranslation();
  const { data } = useQuery({ queryKey: ["job", job.id, job.state], queryFn: () => call<Job>(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: job.id } } })) });
  const log = [data?.log, data?.error].filter(Boolean).join("\n");
  return <Code block mt="sm" mah={320} style={{ overflow: "auto", whiteSpace: "pre-wrap" }}>{log || t("jobs:no_log")}</Code>;
}

function Retry({ job, projectId }: { job: Job; projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const { manage } = useRights(projectId);
  const again = useMutation({
    mutationFn: () => call(api.POST("/api/v1/jobs/{job_id}/retry", { params: { path: { job_id: job.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKey(projectId, "jobs") }),
    onError: (error) => told.failed(error),
  });
  if (!manage) return null;
  return <Button size="xs" variant="default" leftSection={<Icon name="retry" size={14} />} loading={again.isPending} onClick={() => again.mutate()}>{t("jobs:retry")}</Button>;
}
