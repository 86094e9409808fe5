/** No task for me now: why that is so, what happens next, what else there is to do. */
import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useRights } from "../api/session.ts";
import { ringQuery } from "../app/project.ts";
import type { QueueState } from "../core/queue.ts";
import { Empty, Icon } from "../parts/index.tsx";

interface Props {
  projectId: number;
  phase: QueueState["phase"];
  retry: () => void;
  undo: (() => void) | null;
}

export function Nothing({ projectId, phase, retry, undo }: Props) {
  const { t } = useTranslation();
  if (phase === "trouble" || phase === "signed_out") {
    return <Empty icon="warn" title={t("work:trouble_title")} action={<Button variant="default" onClick={retry}>{t("common:try_again")}</Button>}>{t("work:trouble_text")}</Empty>;
  }
  const back = undo && <Button variant="default" leftSection={<Icon name="undo" size={16} />} onClick={undo}>{t("work:change_last")}</Button>;
  return (
    <Empty icon="check" title={t("work:empty_title")} action={<Group justify="center">{back}<Elsewhere projectId={projectId} /></Group>}>
      <Why projectId={projectId} />
    </Empty>
  );
}

/** The reason in words, for those who may see the ring; for others that the page wakes by itself. */
function Why({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const { view } = useRights(projectId);
  const { data: ring } = useQuery({ ...ringQuery(projectId), enabled: view });
  if (ring && !ring.running) return <>{t("work:empty_paused")}</>;
  if (ring?.step && ["train", "evaluate", "select", "aggregate", "promote"].includes(ring.step.name)) return <>{t("work:empty_machine")}</>;
  if (ring?.step?.name === "stop") return <>{t("work:empty_stopped")}</>;
  return <>{t("work:empty_waiting")}</>;
}

function Elsewhere({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const { view, review } = useRights(projectId);
  const { data: ring } = useQuery({ ...ringQuery(projectId), enabled: view });
  const params = { projectId: String(projectId) };
  const reviews = ring?.stations.decide.reviews_pending ?? 0;
  return (
    <>
      {review && reviews > 0 && <Button component={Link} to="/projects/$projectId/reviews" params={params as never}>{t("work:to_reviews", { count: reviews })}</Button>}
      {view && <Button variant="default" component={Link} to="/projects/$projectId" params={params as never}>{t("work:to_ring")}</Button>}
    </>
  );
}
