/** The task at hand: the item, its questions, and the keys for them. Made anew for every task. */
import { useCallback, useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { QueueState, WorkQueue } from "../core/queue.ts";
import { isEmpty, type Assignment, type Question, type Value } from "../core/work.ts";
import { Answers } from "./Answers.tsx";
import classes from "./Desk.module.css";
import { Dock } from "./Dock.tsx";
import { Skip } from "./Skip.tsx";
import { usePrefs } from "./useDesk.ts";
import { useKeys } from "./useKeys.ts";
import { Item } from "./views/index.tsx";

interface Props {
  queue: WorkQueue;
  state: QueueState;
  current: Assignment;
  /** Bring the focus back to the desk, where it rests while working. */
  focus: () => void;
  mayUndo: boolean;
  undo: () => void;
}

export function Bench({ queue, state, current, focus, mayUndo, undo }: Props) {
  const { t } = useTranslation();
  const [prefs] = usePrefs();
  const [skipping, setSkipping] = useState(false);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState<string[]>([]);
  const { answers } = state;
  const { questions, suggestion } = current;
  useLayoutEffect(focus, [focus]);

  const untouched = Object.values(answers).every(isEmpty);
  const accepting = untouched && suggestion != null && Object.keys(suggestion).length > 0;
  const send = useCallback(() => {
    if (accepting) for (const [name, proposal] of Object.entries(suggestion)) queue.set(name, proposal.value);
    const missing = queue.submit();
    setOpen(missing);
    const first = questions.findIndex((one) => missing.includes(one.name));
    if (first >= 0) setActive(first);
  }, [queue, questions, accepting, suggestion]);

  const change = useCallback(
    (question: Question, value: Value, completes: boolean) => {
      queue.set(question.name, value);
      setOpen((before) => before.filter((name) => name !== question.name));
      if (!completes) return;
      const now = queue.snapshot().answers;
      const next = questions.findIndex((one) => one.required !== false && isEmpty(now[one.name]));
      if (next >= 0) setActive(next);
      else if (prefs.goOn) queue.submit();
    },
    [queue, questions, prefs.goOn],
  );

  const endSkip = useCallback(() => {
    setSkipping(false);
    focus();
  }, [focus]);
  const skip = useCallback((why: string) => queue.skip(why), [queue]);
  const count = questions.length;
  useKeys(
    () => {
      const group = t("work:keys_desk");
      const binding = (id: string, keys: string[], run: () => void, inFields = false) => ({ id: `desk.${id}`, keys, label: t(`work:key_${id}`), group, run, inFields });
      const between = [
        binding("next_question", ["arrowdown"], () => setActive((now) => Math.min(now + 1, count - 1))),
        binding("previous_question", ["arrowup"], () => setActive((now) => Math.max(now - 1, 0))),
      ];
      return [
        binding("send", ["enter"], send),
        binding("send_field", ["mod+enter"], send, true),
        binding("skip", ["s"], () => setSkipping(true)),
        binding("redo", ["mod+shift+z", "mod+y"], () => queue.redoEdit()),
        ...(count > 1 ? between : []),
      ];
    },
    [t, send, queue, count],
  );

  return (
    <>
      <section className={classes.item} aria-label={t("work:item")}><Item item={current.item} keys={!skipping} /></section>
      <div className={classes.dock}>
        <div className={classes.inner}>
          {skipping ? (
            <Skip skip={skip} close={endSkip} />
          ) : (
            <>
              <Answers assignment={current} answers={answers} active={active} setActive={setActive} open={open} change={change} />
              <Dock last={state.past.at(-1)} mayUndo={mayUndo || state.canUndo} busy={state.busy === "undo"} accepting={accepting} undo={undo} skip={() => setSkipping(true)} send={send} />
            </>
          )}
        </div>
      </div>
    </>
  );
}
