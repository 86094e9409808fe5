/** What people agreed on and what the model says, of one item, in two quiet lines. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../../annotators/index.ts";
import { same } from "../../core/history.ts";
import type { Question } from "../../core/work.ts";
import { percent } from "../../parts/numbers.ts";
import type { ItemRow } from "./api.ts";
import classes from "./Items.module.css";

export function Answered({ item, question }: { item: ItemRow; question: Question }) {
  const { t } = useTranslation();
  const agreed = item.consensus[question.name];
  const said = item.suggestion[question.name];
  const { Viewer } = annotatorOf(question.type);
  return (
    <>
      {agreed ? (
        <div className={classes.line}><span><Viewer question={question} value={agreed.value} /></span><span className={`${classes.quiet} mg-num`}>{percent(agreed.confidence, 0)}</span></div>
      ) : (
        <Text size="sm" c="dimmed" inherit>{t(`items:state_${item.state}`)}</Text>
      )}
      {said && (!agreed || !same(said.value, agreed.value)) && (
        <div className={`${classes.line} ${agreed ? classes.differs : classes.quiet}`}><span>{t("items:model_says")} <Viewer question={question} value={said.value} /></span><span className="mg-num">{percent(said.score, 0)}</span></div>
      )}
    </>
  );
}
