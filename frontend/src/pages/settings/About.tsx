import { Stack, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { projectQuery } from "../../app/project.ts";
import type { Project } from "../../api/types.ts";
import { SaveRow } from "../../parts/SaveRow.tsx";
import { useSave } from "../../parts/useSave.ts";
import { change } from "./api.ts";

export function About({ project }: { project: Project }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(project.name);
  const [guidelines, setGuidelines] = useState(project.guidelines);
  const form = useSave(async () => {
    client.setQueryData(projectQuery(project.id).queryKey, await change(project.id, { name: name.trim(), guidelines }));
  });
  const dirty = name.trim() !== project.name || guidelines !== project.guidelines;
  return (
    <form onSubmit={(event) => void form.save(event)} onChange={form.fresh}>
      <Stack gap="md">
        <TextInput label={t("settings:name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required maw={420} />
        <Textarea label={t("settings:guidelines")} description={t("settings:guidelines_note")} value={guidelines} onChange={(event) => setGuidelines(event.currentTarget.value)} autosize minRows={6} maxRows={24} />
      </Stack>
      <SaveRow {...form} disabled={!dirty || !name.trim()} />
    </form>
  );
}
