/** One person's desk: the queue of tasks, how they like it, and the honest clock. */
import { useEffect, useState, useSyncExternalStore } from "react";

import { WorkQueue, type Notice, type QueueState } from "../core/queue.ts";
import { PrefsStore, type Prefs } from "../core/prefs.ts";
import { LocalShelf } from "../core/shelf.ts";
import { transport, type Reason } from "./transport.ts";

const shelf = new LocalShelf();
const prefsStore = new PrefsStore(shelf);
const SIGNS_OF_LIFE = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] as const;

export function usePrefs(): [Prefs, (part: Partial<Prefs>) => void] {
  const prefs = useSyncExternalStore(prefsStore.subscribe, prefsStore.snapshot);
  return [prefs, (part) => prefsStore.change(part)];
}

interface Given {
  projectId: number;
  personId: number;
  notice: (notice: Notice) => void;
  reasons?: Reason[];
  /** Tasks ready behind the one at hand. */
  ahead?: number;
  /** Part of the name under which drafts are kept, where one page has another kind of work. */
  desk?: string;
}

/** The queue of this desk; it lives as long as the component (give the component a key). */
export function useQueue({ projectId, personId, notice, reasons, ahead, desk = "work" }: Given): [WorkQueue, QueueState] {
  const [queue] = useState(() => new WorkQueue(transport(projectId, reasons), shelf, { name: `${personId}.${projectId}.${desk}`, ahead, notice }));
  const state = useSyncExternalStore(queue.subscribe, queue.snapshot);
  useEffect(() => {
    void queue.open();
    const back = () => void queue.wake();
    window.addEventListener("online", back);
    return () => {
      window.removeEventListener("online", back);
      queue.close();
    };
  }, [queue]);
  useEffect(() => watchActivity(queue), [queue]);
  return [queue, state];
}

/** Tell the clock when somebody is there. */
function watchActivity(queue: WorkQueue): () => void {
  const off = new AbortController();
  const seen = () => queue.clock.touch();
  const turned = () => {
    if (document.hidden) queue.clock.hide();
    else queue.clock.show();
  };
  for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, seen, { passive: true, signal: off.signal });
  document.addEventListener("visibilitychange", turned, { signal: off.signal });
  return () => off.abort();
}

const RENEW = 180_000; // ms before the deadline
const AWAY = 60_000; // ms without a sign of life: the task is not kept from others any longer

/** Milliseconds the task at hand is still mine, looked at every few seconds; asks for another term in good time. */
export function useRemaining(queue: WorkQueue, turn: number): number {
  const [left, setLeft] = useState(() => queue.remaining());
  useEffect(() => {
    const look = () => {
      setLeft(queue.remaining());
      if (queue.remaining() < RENEW && queue.remaining() > 0 && queue.clock.quietFor() < AWAY) void queue.renew();
    };
    look();
    const timer = setInterval(look, 5000);
    return () => clearInterval(timer);
  }, [queue, turn]);
  return left;
}
