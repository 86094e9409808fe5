/** The questions of the task with their editors; keys reach one question at a time. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../annotators/index.ts";
import { titleOf, type Answers as Given, type Assignment, type Question, type Value } from "../core/work.ts";
import classes from "./Desk.module.css";
import { useKeys } from "./useKeys.ts";

interface Props {
  assignment: Assignment;
  answers: Given;
  /** Index of the question that the keys reach. */
  active: number;
  setActive: (index: number) => void;
  open: readonly string[];
  change: (question: Question, value: Value, completes: boolean) => void;
}

export function Answers({ assignment, answers, active, setActive, open, change }: Props) {
  const { t } = useTranslation();
  const { questions } = assignment;
  const question = questions[active];
  useKeys(
    () =>
      (question ? annotatorOf(question.type).shortcuts(question) : []).map((shortcut) => ({
        id: `answer.${shortcut.id}`,
        keys: shortcut.keys,
        label: shortcut.says ? t(shortcut.says) : shortcut.label,
        group: question && titleOf(question),
        run: () => question && change(question, shortcut.apply(answers[question.name]), shortcut.completes ?? false),
      })),
    [question, answers, change, t],
  );
  return (
    <div className={classes.questions}>
      {questions.map((one, index) => {
        const { Editor } = annotatorOf(one.type);
        const id = `question-${index}`;
        return (
          <section key={one.name} className={classes.question} data-active={(questions.length > 1 && index === active) || undefined} onPointerDown={() => setActive(index)} onFocus={() => setActive(index)}>
            <div className={classes.asked}>
              <span id={id} className="mg-phrase">{titleOf(one)}</span>
              {one.required === false && <Text span size="xs" c="dimmed">{t("work:optional")}</Text>}
              {open.includes(one.name) && <Text span size="sm" c="var(--mg-bad)" role="alert">{t("work:answer_this")}</Text>}
            </div>
            {one.help && <Text size="sm" c="dimmed" mb={6}>{one.help}</Text>}
            <Editor question={one} value={answers[one.name]} suggestion={assignment.suggestion?.[one.name]} keys={index === active} labelledBy={id} onChange={(value, completes = false) => change(one, value, completes)} />
          </section>
        );
      })}
    </div>
  );
}
