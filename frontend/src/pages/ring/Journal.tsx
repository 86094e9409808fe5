/** What happened lately, in words. */
import { Box, Button, Paper, Text, Tooltip } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import { ErrorNote, Loading } from "../../parts/index.tsx";
import { ago, moment } from "../../parts/numbers.ts";
import classes from "./Ring.module.css";
import { fold, isLoud, type JournalRow, sayRow } from "./journal.ts";

interface JournalPage {
  rows: JournalRow[];
  after: number | null;
}

export function Journal({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: projectKey(projectId, "journal"),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => call<JournalPage>(api.GET("/api/v1/projects/{project_id}/journal", { params: { path: { project_id: projectId }, query: { before: pageParam, limit: 120 } } })),
    getNextPageParam: (last) => last.rows.length > 0 ? (last.after ?? undefined) : undefined,
  });
  const rows = fold(query.data?.pages.flatMap((page) => page.rows) ?? []);
  return (
    <Paper withBorder p="md" component="section" aria-label={t("ring:journal")}>
      <Text component="h2" fw={650} m={0} mb="xs">{t("ring:journal")}</Text>
      {query.isPending && <Loading rows={6} height={36} />}
      <ErrorNote error={query.error} retry={() => void query.refetch()} />
      {query.data && rows.length === 0 && <Text c="dimmed" size="sm">{t("ring:journal_empty")}</Text>}
      <Box component="ol" m={0} p={0} style={{ listStyle: "none" }}>
        {rows.map(({ row, times }) => (
          <li key={row.id} className={classes.fact}>
            <span className={classes.dot} data-machine={!row.actor.startsWith("person") || undefined} data-loud={isLoud(row.kind) || undefined} />
            <span className={classes.words}>
              {sayRow(t, row, times)}{" "}
              <Tooltip label={moment(row.at)}><Text component="time" dateTime={row.at} size="xs" c="dimmed">{ago(row.at)}</Text></Tooltip>
            </span>
          </li>
        ))}
      </Box>
      {query.hasNextPage && <Button mt="sm" fullWidth variant="subtle" color="gray" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common:show_more")}</Button>}
    </Paper>
  );
}
