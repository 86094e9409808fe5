import { Button, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../../annotators/index.ts";
import type { Question } from "../../core/work.ts";
import { ago, percent } from "../../parts/numbers.ts";
import type { Review } from "./api.ts";
import classes from "./Reviews.module.css";

interface Props {
  rows: Review[];
  question: Question | undefined;
  current: number | null;
  pick: (task: number) => void;
  more: (() => void) | null;
}

/** What waits, the oldest first: what the model said, how sure it was, until when. */
export function Queue({ rows, question, current, pick, more }: Props) {
  const { t } = useTranslation();
  return (
    <nav className={classes.queue} aria-label={t("reviews:queue")}>
      {rows.map((row) => (
        <button key={row.task} type="button" className={classes.case} aria-current={row.task === current} onMouseDown={(event) => event.preventDefault()} onClick={() => pick(row.task)}>
          {row.item.thumbnail && <img src={row.item.thumbnail} alt="" loading="lazy" className={classes.thumb} />}
          {row.item.text !== null && <span className={classes.text}>{row.item.text}</span>}
          <span className={classes.said}>
            {question && row.answer?.[question.name] !== undefined ? <Said question={question} value={row.answer[question.name]} /> : <span>{t("reviews:no_answer")}</span>}
            <span className="mg-num">{percent(row.score, 0)}</span>
          </span>
          <Due due={row.due} />
        </button>
      ))}
      {more && <Button variant="subtle" color="gray" fullWidth onClick={more}>{t("common:show_more")}</Button>}
    </nav>
  );
}

function Said({ question, value }: { question: Question; value: unknown }) {
  const { Viewer } = annotatorOf(question.type);
  return <Viewer question={question} value={value} />;
}

function Due({ due }: { due: string | null }) {
  const { t } = useTranslation();
  if (!due) return null;
  const late = isOver(due);
  return <Text size="xs" className={late ? classes.late : undefined} c={late ? undefined : "dimmed"}>{t(late ? "reviews:overdue" : "reviews:due", { when: ago(due) })}</Text>;
}

function isOver(due: string): boolean {
  return Date.parse(due) < Date.now();
}
