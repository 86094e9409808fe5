/** Zoom and pan by wheel, pinch, drag and keys over the pure geometry of core/viewport. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { fit, pan, zoomAt, type Size, type View } from "../../core/viewport.ts";

interface Point { x: number; y: number }

export interface Viewport {
  frame: React.RefObject<HTMLDivElement | null>;
  view: View | null;
  held: boolean;
  fitted: boolean;
  toFit: () => void;
  /** Zoom by a factor about the middle of the frame. */
  zoom: (factor: number) => void;
}

export function useViewport(image: Size | null): Viewport {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  const [own, setOwn] = useState<View | null>(null); // null: fitted
  const [held, setHeld] = useState(false);
  const fitView = image && size ? fit(image, size) : null;
  const view = own ?? fitView;
  const now = useRef({ image, size, view, smallest: 0.01 });
  useLayoutEffect(() => {
    now.current = { image, size, view, smallest: (fitView?.scale ?? 1) / 2 };
  });

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  const zoomTo = useCallback((factor: number, at?: Point) => {
    const { view: from, size: room, smallest } = now.current;
    if (!from || !room) return;
    const point = at ?? { x: room.width / 2, y: room.height / 2 };
    const next = zoomAt(from, factor, point.x, point.y, smallest);
    now.current.view = next;
    setOwn(next);
  }, []);

  const panBy = useCallback((dx: number, dy: number) => {
    const { view: from, image: picture, size: room } = now.current;
    if (!from || !picture || !room) return;
    const next = pan(from, dx, dy, picture, room);
    now.current.view = next;
    setOwn(next);
  }, []);

  useEffect(() => listen(frame.current, zoomTo, panBy, setHeld), [zoomTo, panBy]);
  const toFit = useCallback(() => setOwn(null), []);
  return { frame, view, held, fitted: own === null, toFit, zoom: zoomTo };
}

/** Wheel zooms, one pointer drags, two pinch. */
function listen(element: HTMLDivElement | null, zoom: (factor: number, at: Point) => void, panBy: (dx: number, dy: number) => void, setHeld: (held: boolean) => void): () => void {
  if (!element) return () => undefined;
  const touching = new Map<number, Point>();
  const off = new AbortController();
  const here = (event: { clientX: number; clientY: number }): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), here(event));
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest("button")) return;
    element.setPointerCapture(event.pointerId);
    touching.set(event.pointerId, here(event));
    setHeld(true);
  };
  const move = (event: PointerEvent) => {
    const before = touching.get(event.pointerId);
    if (!before) return;
    const after = here(event);
    const other = [...touching].find(([id]) => id !== event.pointerId)?.[1];
    touching.set(event.pointerId, after);
    if (!other) {
      panBy(after.x - before.x, after.y - before.y);
      return;
    }
    const apart = (a: Point) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
    zoom(apart(after) / apart(before), other);
  };
  const up = (event: PointerEvent) => {
    touching.delete(event.pointerId);
    setHeld(touching.size > 0);
  };
  element.addEventListener("wheel", wheel, { passive: false, signal: off.signal });
  element.addEventListener("pointerdown", down, { signal: off.signal });
  element.addEventListener("pointermove", move, { signal: off.signal });
  element.addEventListener("pointerup", up, { signal: off.signal });
  element.addEventListener("pointercancel", up, { signal: off.signal });
  return () => off.abort();
}
