/** The desk: one item as large as the screen allows, its questions under the fingers, the next one already there. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useMe } from "../api/session.ts";
import { useProject } from "../app/project.ts";
import { Loading } from "../parts/index.tsx";
import { Bench } from "./Bench.tsx";
import classes from "./Desk.module.css";
import { KeysList } from "./KeysList.tsx";
import { Notes } from "./Notes.tsx";
import { Nothing } from "./Nothing.tsx";
import { progressQuery, REASONS, setProgress } from "./progress.ts";
import { Strip } from "./Strip.tsx";
import { usePrefs, useQueue } from "./useDesk.ts";
import { useKeys } from "./useKeys.ts";
import { useNotices } from "./useNotices.ts";

const MANY = 10; // options in all: from here on they stand beside the item, not under it

export function Desk({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const [prefs, like] = usePrefs();
  const { data: project } = useProject(projectId);
  const { data: progress, dataUpdatedAt } = useQuery(progressQuery(projectId));
  const [told, notice] = useNotices();
  const [queue, state] = useQueue({ projectId, personId: useMe().id, notice, reasons: REASONS });
  const { current } = state;
  const desk = useRef<HTMLDivElement>(null);
  const [keysShown, showKeys] = useState(false);

  // Something moved in the project: perhaps there is work again.
  const idle = state.phase === "empty" || state.phase === "trouble";
  useEffect(() => {
    if (idle) void queue.wake();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- wake when there is news, not when the phase changes
  }, [dataUpdatedAt, queue]);

  const focus = useCallback(() => {
    desk.current?.focus({ preventScroll: true });
  }, []);
  const undo = useCallback(() => {
    if (!queue.undoEdit()) void queue.reopen();
  }, [queue]);
  const guidelines = project?.guidelines.trim() ?? "";
  const beside = prefs.guidelines && guidelines !== "";
  const turnGuidelines = useCallback(() => like({ guidelines: !prefs.guidelines }), [like, prefs.guidelines]);
  useKeys(
    () => {
      const binding = (id: string, keys: string[], run: () => void) => ({ id: `desk.${id}`, keys, label: t(`work:key_${id}`), group: t("work:keys_desk"), run });
      return [
        binding("undo", ["backspace", "mod+z"], undo),
        binding("guidelines", ["h"], turnGuidelines),
        binding("keys", ["?"], () => showKeys(true)),
      ];
    },
    [t, undo, turnGuidelines],
    { below: true },
  );

  const set = setProgress(progress);
  const mayUndo = state.past.length > 0 || (progress?.mine.total ?? 0) > 0;
  const many = (current?.questions.reduce((sum, one) => sum + (one.options?.length ?? 0), 0) ?? 0) > MANY;
  return (
    <div ref={desk} className={classes.desk} tabIndex={-1} data-many={many || undefined} data-desk>
      <h1 className="mg-skip">{t("work:title", { project: project?.name ?? "" })}</h1>
      <div className={classes.strip}>
        <Strip progress={progress} set={set} guidelines={beside} showGuidelines={guidelines ? turnGuidelines : null} showKeys={() => showKeys(true)} />
        <Notes queue={queue} state={state} told={told} />
      </div>
      {beside && <aside className={classes.guide} aria-label={t("work:guidelines")}><div className={classes.words}>{guidelines}</div></aside>}
      {current ? (
        <Bench key={state.turn} queue={queue} state={state} current={current} focus={focus} mayUndo={mayUndo} undo={undo} />
      ) : state.phase === "loading" ? (
        <div className={classes.wait}><Loading rows={1} height={320} /></div>
      ) : (
        <div className={classes.empty}><Nothing projectId={projectId} phase={state.phase} retry={() => void queue.wake()} undo={mayUndo ? undo : null} /></div>
      )}
      <div className="mg-skip" role="status" aria-live="polite">{state.past.length > 0 && t("work:sent_left", { count: set?.left ?? 0 })}</div>
      <KeysList opened={keysShown} close={() => showKeys(false)} />
    </div>
  );
}
