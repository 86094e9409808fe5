/** All items, as a grid or a table, filtered by sentences; what to do with several at once. */
import { Button, SegmentedControl, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";

import { projectKey } from "../../api/live.ts";
import { useRights } from "../../api/session.ts";
import type { Project } from "../../api/types.ts";
import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { useTold } from "../../parts/confirm.tsx";
import { Empty, ErrorNote, Fetched, Icon, Loading, Page } from "../../parts/index.tsx";
import { count } from "../../parts/numbers.ts";
import { ask, itemsQuery } from "./api.ts";
import { Filter, Sentence } from "./Filter.tsx";
import { fromSearch, isFiltered, type Filters } from "./filters.ts";
import { Grid } from "./Grid.tsx";
import classes from "./Items.module.css";
import { List } from "./List.tsx";
import { usePicked } from "./usePicked.ts";

export default function ItemsPage() {
  const projectId = useProjectId();
  return <Fetched query={useProject(projectId)}>{(project) => <Items key={project.id} project={project} />}</Fetched>;
}

function Items({ project }: { project: Project }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const told = useTold();
  const { manage } = useRights(project.id);
  const search: Record<string, unknown> = useSearch({ strict: false });
  const filters = useMemo(() => fromSearch(search), [search]);
  const table = search.view === "table";
  const go = (next: Record<string, unknown>) => void navigate({ to: "/projects/$projectId/items", params: { projectId: String(project.id) }, search: next, replace: true });
  const change = (part: Partial<Filters>) => go({ ...search, ...part });
  const question = project.questions.find((one) => one.name === filters.question) ?? project.questions[0];
  const query = useInfiniteQuery(itemsQuery(project.id, filters));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const { picked, pick, drop } = usePicked(rows);
  const end = useEnd(query.hasNextPage && !query.isFetchingNextPage, () => void query.fetchNextPage());
  const about = query.data?.pages.at(-1)?.total_about ?? null;
  const request = async (reason: "selection" | "recheck") => {
    try {
      const { created } = await ask(project.id, [...picked], reason);
      drop();
      told.done(t("items:asked", { count: created }));
      await client.invalidateQueries({ queryKey: projectKey(project.id, "held", "items") });
    } catch (error) {
      told.failed(error);
    }
  };
  if (!question) return null;
  const Rows = table ? List : Grid;
  const total = about === null ? (query.hasNextPage ? null : t("items:n_items", { count: rows.length })) : t("items:n_items", { count: about });
  return (
    <Page
      wide
      title={t("items:title")}
      note={<span role="status"><Sentence filters={filters} question={question} total={total} /></span>}
      actions={
        <>
          <SegmentedControl value={table ? "table" : "grid"} onChange={(view) => go({ ...search, view: view === "table" ? "table" : undefined })} data={[{ value: "grid", label: t("items:as_grid") }, { value: "table", label: t("items:as_table") }]} aria-label={t("items:view")} />
          <Button variant="default" onClick={() => void query.refetch()} loading={query.isRefetching && !query.isFetchingNextPage} aria-label={t("items:refresh")}><Icon name="retry" size={16} /></Button>
        </>
      }
    >
      <Filter filters={filters} questions={project.questions} question={question} change={change} clear={() => go({ view: search.view })} />
      {query.isPending && <Loading rows={3} height={200} />}
      <ErrorNote error={query.error} retry={() => void query.refetch()} />
      {query.data && rows.length === 0 && !query.hasNextPage && (isFiltered(filters) ? <Empty icon="search" title={t("items:none_fit")} action={<Button variant="default" onClick={() => go({ view: search.view })}>{t("items:clear")}</Button>} /> : <Empty icon="items" title={t("items:none_title")} action={manage && <Button component={Link} to={`/projects/${project.id}/data`}>{t("items:add")}</Button>}>{t("items:none_text")}</Empty>)}
      <Rows projectId={project.id} rows={rows} question={question} picked={picked} pick={manage ? pick : null} />
      <div ref={end} style={{ height: 1 }} />
      {query.isFetchingNextPage && <Loading rows={1} height={120} />}
      {picked.size > 0 && (
        <div className={classes.bar} role="toolbar" aria-label={t("items:picked", { count: picked.size })}>
          <Text fw={600} className="mg-num">{t("items:picked", { count: picked.size })}</Text>
          <Button onClick={() => void request("selection")}>{t("items:ask")}</Button>
          <Button variant="default" onClick={() => void request("recheck")}>{t("items:recheck")}</Button>
          <Button variant="subtle" color="gray" onClick={drop}>{t("items:drop")}</Button>
        </div>
      )}
      <span className="mg-skip" aria-live="polite">{t("items:shown", { n: count(rows.length) })}</span>
    </Page>
  );
}

/** A line at the end of the list that fetches more when it comes near. */
function useEnd(on: boolean, more: () => void) {
  const now = useRef(more);
  useEffect(() => {
    now.current = more;
  });
  const watcher = useRef<IntersectionObserver>(undefined);
  return useCallback(
    (element: HTMLDivElement | null) => {
      watcher.current?.disconnect();
      if (!element || !on) return;
      watcher.current = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && now.current(), { rootMargin: "800px" });
      watcher.current.observe(element);
    },
    [on],
  );
}
