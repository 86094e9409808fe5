import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { Problem, sayProblem } from "../api/problem.ts";
import type { Notice } from "../core/queue.ts";

const SHOWN = 6000; // ms

export interface Told {
  text: string;
  warn: boolean;
}

/** What the queue has to say, for the strip above the item: no toast that would cover the answers. */
export function useNotices(): [Told | null, (notice: Notice) => void] {
  const { t } = useTranslation();
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    if (!notice) return;
    const timer = setTimeout(() => setNotice(null), SHOWN);
    return () => clearTimeout(timer);
  }, [notice]);
  const say = useCallback((next: Notice) => setNotice(next), []);
  if (!notice) return [null, say];
  if (notice.kind !== "refused") return [{ text: t(`work:${notice.kind}`), warn: notice.kind !== "nothing_to_undo" }, say];
  const why = sayProblem(t, new Problem({ status: 409, code: notice.code, detail: notice.message }));
  return [{ text: t("work:refused", { why }), warn: true }, say];
}
