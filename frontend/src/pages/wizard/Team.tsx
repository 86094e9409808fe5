/** Who answers, how many of them an item, for how much, and what they should know. */
import { NumberInput, Paper, SimpleGrid, Stack, Switch, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import { queries } from "../../api/query.ts";
import type { Project } from "../../api/types.ts";
import { ErrorNote } from "../../parts/index.tsx";
import { InviteLink } from "../../parts/InviteLink.tsx";
import { Onward } from "./index.tsx";

interface Choice {
  overlap: number;
  batch: number;
  budget: number | null;
  guidelines: string;
}

const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);

function begin({ settings, guidelines }: Project): Choice {
  const budget = settings.budget;
  return { overlap: number(settings.overlap, 1), batch: number(settings.batch, 20), budget: typeof budget === "number" ? budget : null, guidelines };
}

export function Team({ project, back, next }: { project: Project; back: () => void; next: () => void }) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState(() => begin(project));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const { guidelines, ...settings } = choice;
      const changed = await call<Project>(api.PATCH("/api/v1/projects/{project_id}", { params: { path: { project_id: project.id } }, body: { guidelines, settings } }));
      queries.setQueryData(projectKey(project.id, "about"), changed);
      next();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Stack gap="lg">
      <Paper withBorder p="md" component="section" aria-label={t("wizard:invite")}>
        <Text fw={650} mb={4}>{t("wizard:invite")}</Text>
        <Text size="sm" c="dimmed" mb="sm">{t("wizard:invite_hint")}</Text>
        <InviteLink projectId={project.id} role="annotator" />
      </Paper>
      <Paper withBorder p="md">
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <NumberInput label={t("wizard:overlap")} description={t("wizard:overlap_hint")} value={choice.overlap} min={1} max={20} clampBehavior="strict" allowDecimal={false} onChange={(value) => setChoice({ ...choice, overlap: number(value, 1) })} />
            <NumberInput label={t("wizard:batch")} description={t("wizard:batch_hint")} value={choice.batch} min={1} max={10000} clampBehavior="strict" allowDecimal={false} onChange={(value) => setChoice({ ...choice, batch: number(value, 20) })} />
            <Stack gap="xs">
              <NumberInput label={t("wizard:budget")} description={t("wizard:budget_hint")} value={choice.budget ?? ""} disabled={choice.budget === null} min={1} allowDecimal={false} thousandSeparator="," onChange={(value) => setChoice({ ...choice, budget: number(value, 400) })} />
              <Switch size="sm" label={t("wizard:no_budget")} checked={choice.budget === null} onChange={(event) => setChoice({ ...choice, budget: event.currentTarget.checked ? null : 400 })} />
            </Stack>
          </SimpleGrid>
          <Textarea label={t("wizard:guidelines")} description={t("wizard:guidelines_hint")} placeholder={t("wizard:guidelines_example")} value={choice.guidelines} onChange={(event) => setChoice({ ...choice, guidelines: event.currentTarget.value })} autosize minRows={4} maxRows={16} />
        </Stack>
      </Paper>
      <ErrorNote error={error} />
      <Onward back={back} next={() => void save()} busy={busy} />
    </Stack>
  );
}
