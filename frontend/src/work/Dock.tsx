/** The row under the answers: undo, skip, what was last, send. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../annotators/index.ts";
import type { Past } from "../core/queue.ts";
import { Icon, Key } from "../parts/index.tsx";
import classes from "./Desk.module.css";

interface Props {
  last: Past | undefined;
  mayUndo: boolean;
  busy: boolean;
  accepting: boolean;
  undo: () => void;
  skip: () => void;
  send: () => void;
}

export function Dock({ last, mayUndo, busy, accepting, undo, skip, send }: Props) {
  const { t } = useTranslation();
  const stay = (event: React.MouseEvent) => event.preventDefault(); // the focus stays at the desk
  return (
    <div className={classes.actions}>
      <Button variant="default" h={48} px="sm" leftSection={<Icon name="undo" size={16} />} rightSection={<span className={classes.keyword}><Key>⌫</Key></span>} loading={busy} disabled={!mayUndo} onMouseDown={stay} onClick={undo}>{t("work:undo")}</Button>
      <Button variant="default" h={48} px="sm" rightSection={<span className={classes.keyword}><Key>S</Key></span>} onMouseDown={stay} onClick={skip}>{t("work:skip")}</Button>
      <div className={classes.last}>{last && <Last past={last} />}</div>
      <Button className={classes.send} h={48} px="lg" rightSection={<span className={classes.keyword}>↵</span>} onMouseDown={stay} onClick={send}>{accepting ? t("work:accept_and_send") : t("work:send")}</Button>
    </div>
  );
}

/** What I said last, so that a slip of the finger is seen at once. */
function Last({ past }: { past: Past }) {
  const { t } = useTranslation();
  if (past.kind === "skip" || !past.answers) return <span>{t("work:last_skipped")}</span>;
  const answers = past.answers;
  return (
    <>
      <span className={classes.keyword}>{t("work:last_answer")}</span>
      {past.assignment.questions.filter((one) => one.name in answers).map((one) => {
        const { Viewer } = annotatorOf(one.type);
        return <span key={one.name}><Viewer question={one} value={answers[one.name]} /></span>;
      })}
    </>
  );
}
