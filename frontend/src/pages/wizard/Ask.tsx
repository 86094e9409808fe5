/** What is asked about an item, with what the people will see beside it. */
import { ActionIcon, Button, Checkbox, Grid, Group, Paper, SimpleGrid, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { type Draft, type DraftQuestion, question as fresh } from "../../core/draft.ts";
import { Icon } from "../../parts/index.tsx";
import { AsSeen } from "./AsSeen.tsx";
import { OptionsEditor } from "./OptionsEditor.tsx";
import { OnePicture, SeveralPicture } from "./pictures.tsx";
import classes from "./Wizard.module.css";

const TYPES = [["choice", OnePicture], ["choices", SeveralPicture]] as const;

export function Ask({ draft, change }: { draft: Draft; change: (draft: Draft) => void }) {
  const { t } = useTranslation();
  const set = (index: number, question: DraftQuestion) => change({ ...draft, questions: draft.questions.map((each, at) => at === index ? question : each) });
  const remove = (index: number) => change({ ...draft, questions: draft.questions.filter((_, at) => at !== index) });
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap="lg">
          {draft.questions.map((question, index) => (
            <OneQuestion key={index} n={index + 1} question={question} set={(next) => set(index, next)} remove={draft.questions.length > 1 ? () => remove(index) : null} />
          ))}
          <Group><Button variant="subtle" leftSection={<Icon name="plus" size={16} />} onClick={() => change({ ...draft, questions: [...draft.questions, fresh("choice")] })}>{t("wizard:add_question")}</Button></Group>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}><div className={classes.sticky}><AsSeen draft={draft} /></div></Grid.Col>
    </Grid>
  );
}

function OneQuestion({ n, question, set, remove }: { n: number; question: DraftQuestion; set: (question: DraftQuestion) => void; remove: (() => void) | null }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="md" component="section" aria-label={t("wizard:question_n", { n })}>
      <Stack gap="md">
        {remove && <Group justify="space-between"><Text fw={600}>{t("wizard:question_n", { n })}</Text><ActionIcon variant="subtle" color="gray" size={36} onClick={remove} aria-label={t("wizard:remove_question")}><Icon name="trash" /></ActionIcon></Group>}
        <div role="radiogroup" aria-label={t("wizard:type")}>
          <SimpleGrid cols={2} spacing="sm">
            {TYPES.map(([type, Picture]) => (
              <UnstyledButton key={type} role="radio" aria-checked={question.type === type} className={classes.card} style={{ padding: 12 }} onClick={() => set({ ...question, type })}>
                <Picture />
                <Text fw={600}>{t(`wizard:type_${type}`)}</Text>
                <Text size="xs" c="dimmed">{t(`wizard:type_${type}_hint`)}</Text>
              </UnstyledButton>
            ))}
          </SimpleGrid>
        </div>
        <TextInput label={t("wizard:question")} placeholder={t(`wizard:question_example_${question.type}`)} value={question.title} onChange={(event) => set({ ...question, title: event.currentTarget.value })} maxLength={300} />
        <OptionsEditor options={question.options} change={(options) => set({ ...question, options })} />
        {n > 1 && <Checkbox label={t("wizard:required")} checked={question.required} onChange={(event) => set({ ...question, required: event.currentTarget.checked })} />}
      </Stack>
    </Paper>
  );
}

