/** Server-sent events: whatever moves in a project makes what is shown of it be read again. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

const CALM = 400; // ms: many facts at once (an import, a round) are one refresh

/** Everything read about a project lives under `["project", id, …]`, so that one event refreshes it. */
export function projectKey(projectId: number, ...rest: unknown[]): unknown[] {
  return ["project", projectId, ...rest];
}

/** Keep what is shown of the project fresh while the page is open. The browser reconnects by itself. */
export function useLive(projectId: number, on = true): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!on) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const refresh = () => {
      timer = null;
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === "project" && queryKey[1] === projectId && queryKey[2] !== "held",
      });
    };
    const source = new EventSource(`/api/v1/projects/${projectId}/events`);
    source.addEventListener("change", () => {
      timer ??= setTimeout(refresh, CALM);
    });
    return () => {
      source.close();
      if (timer) clearTimeout(timer);
    };
  }, [client, projectId, on]);
}
