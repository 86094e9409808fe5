import { useCallback, useRef, useState } from "react";

/** The picked rows; with shift, all between the last one picked and this one. */
export function usePicked(rows: readonly { id: number }[]) {
  const [picked, setPicked] = useState<ReadonlySet<number>>(new Set());
  const last = useRef<number | null>(null);
  const pick = useCallback(
    (id: number, range: boolean) => {
      const from = rows.findIndex((row) => row.id === last.current);
      const to = rows.findIndex((row) => row.id === id);
      const ids = range && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id) : [id];
      setPicked((before) => {
        const after = new Set(before);
        const on = !before.has(id);
        for (const one of ids) {
          if (on) after.add(one);
          else after.delete(one);
        }
        return after;
      });
      last.current = id;
    },
    [rows],
  );
  const drop = useCallback(() => setPicked(new Set()), []);
  return { picked, pick, drop };
}
