/** The draft as an annotator will see it, working: it can be clicked and answers with its keys' marks. */
import { Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../../annotators/index.ts";
import { type Draft, questionsOut } from "../../core/draft.ts";
import { ImagePicture } from "./pictures.tsx";
import classes from "./Wizard.module.css";

export function AsSeen({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const [answers, setAnswers] = useState<Record<string, unknown>>({});
  const questions = useMemo(() => questionsOut(draft.questions), [draft.questions]);
  return (
    <section aria-label={t("wizard:as_seen")}>
      <Text size="sm" fw={500} mb={6}>{t("wizard:as_seen")}</Text>
      <div className={classes.desk}>
        <div className={classes.sample}>{draft.modality === "image" ? <ImagePicture /> : <Text>{t("wizard:sample_text")}</Text>}</div>
        <Stack className={classes.asked} gap="lg">
          {questions.map((question, index) => {
            const { Editor } = annotatorOf(question.type);
            const id = `seen-${index}`;
            return (
              <div key={question.name}>
                <Text id={id} fw={600} mb="xs" className="mg-phrase">{question.title || t(`wizard:question_example_${question.type}`)}</Text>
                {question.options?.length ? (
                  <Editor question={question} value={answers[question.name]} onChange={(value) => setAnswers({ ...answers, [question.name]: value })} keys={index === 0} labelledBy={id} />
                ) : <Text size="sm" c="dimmed">{t("wizard:no_options_yet")}</Text>}
              </div>
            );
          })}
        </Stack>
      </div>
    </section>
  );
}
