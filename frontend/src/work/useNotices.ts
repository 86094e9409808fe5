import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "../api/problem.ts";
import type { Notice } from "../core/queue.ts";
import { useTold } from "../parts/confirm.tsx";

/** What the queue has to say, said quietly; the function stays the same for as long as the page is shown. */
export function useNotices(): (notice: Notice) => void {
  const { t } = useTranslation();
  const told = useTold();
  const say = useRef<(notice: Notice) => void>(undefined);
  useEffect(() => {
    say.current = (notice) => {
      if (notice.kind === "refused") told.failed(new Problem({ status: 409, code: notice.code, detail: notice.message }));
      else told.done(t(`work:${notice.kind}`));
    };
  });
  return useCallback((notice) => say.current?.(notice), []);
}
