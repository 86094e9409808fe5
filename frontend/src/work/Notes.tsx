/** What the person must know and nothing else: no connection, time running out, signed out. */
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { QueueState, WorkQueue } from "../core/queue.ts";
import { Icon } from "../parts/index.tsx";
import classes from "./Desk.module.css";
import { useRemaining } from "./useDesk.ts";
import type { Told } from "./useNotices.ts";

const SOON = 120_000; // ms

export function Notes({ queue, state, told }: { queue: WorkQueue; state: QueueState; told: Told | null }) {
  const { t } = useTranslation();
  const left = useRemaining(queue, state.turn);
  const { waiting, offline, signedOut } = state.outbox;
  const out = signedOut || state.phase === "signed_out";
  return (
    <div className={classes.notes} role="status">
      {out && <div className={classes.note} data-warn><Icon name="warn" size={16} /><span>{t("work:signed_out", { count: waiting })} <Anchor component={Link} to="/login">{t("work:sign_in")}</Anchor></span></div>}
      {!out && offline && <div className={classes.note} data-warn><Icon name="warn" size={16} />{t("work:offline", { count: waiting })}</div>}
      {told && <div className={classes.note} data-warn={told.warn || undefined}>{told.warn && <Icon name="warn" size={16} />}{told.text}</div>}
      {state.current?.answers && <div className={classes.note}><Icon name="undo" size={16} />{t("work:reopened")}</div>}
      {left <= 0 && <div className={classes.note} data-warn><Icon name="clock" size={16} />{t("work:time_over")}</div>}
      {left > 0 && left < SOON && <div className={classes.note} data-warn><Icon name="clock" size={16} />{t("work:time_soon", { count: Math.ceil(left / 60_000) })}</div>}
    </div>
  );
}
