/** Reviews: the queue at the left, the case in the middle, the decision at the right; the next case is already there. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useMe } from "../../api/session.ts";
import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import type { Assignment } from "../../core/work.ts";
import { Empty, Icon, Key, Loading } from "../../parts/index.tsx";
import { count } from "../../parts/numbers.ts";
import { Bench } from "../../work/Bench.tsx";
import desk from "../../work/Desk.module.css";
import { KeysList } from "../../work/KeysList.tsx";
import { Notes } from "../../work/Notes.tsx";
import { progressQuery } from "../../work/progress.ts";
import { useQueue } from "../../work/useDesk.ts";
import { useKeys } from "../../work/useKeys.ts";
import { useNotices } from "../../work/useNotices.ts";
import { REASONS, reviewsQuery, type Review } from "./api.ts";
import { Queue } from "./Queue.tsx";
import classes from "./Reviews.module.css";

export default function ReviewsPage() {
  const projectId = useProjectId();
  return <Reviews key={projectId} projectId={projectId} />;
}

function Reviews({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const [told, notice] = useNotices();
  const [queue, state] = useQueue({ projectId, personId: useMe().id, notice, reasons: REASONS, ahead: 1, desk: "reviews" });
  const { current: hand } = state;
  const { data: project } = useProject(projectId);
  const { data: progress } = useQuery(progressQuery(projectId));
  const list = useInfiniteQuery(reviewsQuery(projectId));
  const [keysShown, showKeys] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const focus = useCallback(() => place.current?.focus({ preventScroll: true }), []);
  const undo = useCallback(() => {
    if (!queue.undoEdit()) void queue.reopen();
  }, [queue]);

  // Answered cases leave the list at once, before the server has told so.
  const answered = useMemo(() => new Set(state.past.map((one) => one.assignment.task)), [state.past]);
  const rows = useMemo(() => (list.data?.pages.flatMap((page) => page.rows) ?? []).filter((row) => !answered.has(row.task)), [list.data, answered]);
  const idle = state.phase === "empty" || state.phase === "trouble";
  useEffect(() => {
    if (idle) void queue.wake();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- wake when the list was read anew, not when the phase changes
  }, [list.dataUpdatedAt, queue]);

  const step = useCallback(
    (by: number) => {
      const at = rows.findIndex((row) => row.task === hand?.task);
      const next = rows[at + by];
      if (next) void queue.pick(next.task);
    },
    [rows, queue, hand],
  );
  useKeys(
    () => {
      const binding = (id: string, keys: string[], run: () => void, words = `reviews:key_${id}`) => ({ id: `reviews.${id}`, keys, label: t(words), group: t("reviews:title"), run });
      return [
        binding("undo", ["backspace", "mod+z"], undo, "work:key_undo"),
        binding("next", ["]"], () => step(1)),
        binding("previous", ["["], () => step(-1)),
        binding("keys", ["?"], () => showKeys(true), "work:key_keys"),
      ];
    },
    [t, undo, step],
    { below: true },
  );
  const current = useMemo(() => withModel(hand, rows), [hand, rows]);
  const waiting = progress ? REASONS.reduce((sum, reason) => sum + (progress.tasks[reason]?.pending ?? 0), 0) : rows.length;
  return (
    <div ref={place} className={classes.desk} tabIndex={-1} data-desk data-review>
      <div className={classes.strip}>
        <div className={classes.line}>
          <h1>{t("reviews:title")}</h1>
          <span className={classes.waiting}>{t("reviews:waiting", { count: waiting, n: count(waiting) })}</span>
          <span className={classes.spring} />
          <button type="button" className={desk.tool} aria-label={t("work:keys")} onMouseDown={(event) => event.preventDefault()} onClick={() => showKeys(true)}><Icon name="keyboard" size={17} /><span className={desk.keyword}><Key>?</Key></span></button>
        </div>
        <Notes queue={queue} state={state} told={told} />
      </div>
      {current ? (
        <>
          <Queue rows={rows} question={project?.questions[0]} current={current.task} pick={(task) => void queue.pick(task)} more={list.hasNextPage ? () => void list.fetchNextPage() : null} />
          <Bench key={state.turn} queue={queue} state={state} current={current} focus={focus} mayUndo={state.past.length > 0} undo={undo} />
        </>
      ) : (
        <div className={classes.nothing}>
          {state.phase === "loading" ? (
            <Loading rows={1} height={240} />
          ) : (
            <Empty icon="reviews" title={t(state.phase === "empty" ? "reviews:empty_title" : "work:trouble_title")} action={<Button variant="default" component={Link} to={`/projects/${projectId}`}>{t("work:to_ring")}</Button>}>
              {t(state.phase === "empty" ? (rows.length > 0 ? "reviews:others_at_it" : "reviews:empty_text") : "work:trouble_text")}
            </Empty>
          )}
        </div>
      )}
      <div className="mg-skip" role="status" aria-live="polite">{state.past.length > 0 && t("work:sent_left", { count: rows.length })}</div>
      <KeysList opened={keysShown} close={() => showKeys(false)} />
    </div>
  );
}

/** The case with what the model said of it, for a reviewer decides about just that. */
function withModel(current: Assignment | null, rows: Review[]): Assignment | null {
  const row = rows.find((one) => one.task === current?.task);
  if (!current || !row?.answer) return current;
  const suggestion = Object.fromEntries(Object.entries(row.answer).map(([name, value]) => [name, { value, score: row.score }]));
  return { ...current, suggestion };
}
