/** What is said of the item, question by question: agreed on, answered by people, proposed by models. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../../annotators/index.ts";
import type { Project } from "../../api/types.ts";
import { titleOf, type Question } from "../../core/work.ts";
import { ago, duration, moment, percent } from "../../parts/numbers.ts";
import type { ItemLife } from "../items/api.ts";
import classes from "./Item.module.css";

export function Said({ project, item }: { project: Project; item: ItemLife }) {
  return project.questions.map((question) => <OfQuestion key={question.name} question={question} item={item} />);
}

function OfQuestion({ question, item }: { question: Question; item: ItemLife }) {
  const { t } = useTranslation();
  const { Viewer } = annotatorOf(question.type);
  const agreed = item.consensus[question.name];
  const answers = item.annotations.filter((one) => question.name in one.answers);
  const said = item.suggestions.filter((one) => one.question === question.name);
  return (
    <section className={classes.block}>
      <div className={classes.asked}>{titleOf(question)}</div>
      {agreed && (
        <div className={classes.row} data-agreed>
          <span><Viewer question={question} value={agreed.value} /></span>
          <span className="mg-num">{percent(agreed.confidence, 0)}</span>
          <span className={classes.who}>{t("items:agreed_by", { count: agreed.answers })}</span>
        </div>
      )}
      {answers.map((one) => (
        <div className={classes.row} key={one.id}>
          <span><Viewer question={question} value={one.answers[question.name]} /></span>
          <span className={classes.who}>{one.person_name ?? t("items:imported")}{one.seconds != null && ` · ${duration(one.seconds)}`}</span>
          <span className={classes.who} title={moment(one.created_at)}>{ago(one.created_at)}</span>
        </div>
      ))}
      {said.map((one) => (
        <div className={classes.row} key={one.model_version}>
          <span><Viewer question={question} value={one.value} /></span>
          <span className={classes.who}>{t("items:by_model", { n: one.model_version })}</span>
          <span className="mg-num">{percent(one.score, 0)}</span>
        </div>
      ))}
      {!agreed && answers.length === 0 && said.length === 0 && <Text c="dimmed" size="sm">{t("items:nothing_said")}</Text>}
    </section>
  );
}
