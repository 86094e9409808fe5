/** Some settings that belong together, saved together. */
import { Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { projectQuery } from "../../app/project.ts";
import type { Project } from "../../api/types.ts";
import { SaveRow } from "../../parts/SaveRow.tsx";
import { useSave } from "../../parts/useSave.ts";
import { change, type Possible } from "./api.ts";
import { Control } from "./Control.tsx";

export function Group({ project, possible, names }: { project: Project; possible: Possible; names: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [changed, setChanged] = useState<Record<string, unknown>>({});
  const form = useSave(async () => {
    client.setQueryData(projectQuery(project.id).queryKey, await change(project.id, { settings: changed }));
    setChanged({});
  });
  const set = (name: string, value: unknown) => {
    form.fresh();
    setChanged((before) => ({ ...before, [name]: value }));
  };
  return (
    <form onSubmit={(event) => void form.save(event)}>
      <Stack gap="md">
        {names.map((name) => {
          const schema = possible.settings.properties[name];
          if (!schema) return null;
          const value = name in changed ? changed[name] : ((project.settings)[name] ?? schema.default);
          const note = i18n.exists(`settings:note.${name}`) ? t(`settings:note.${name}`) : i18n.exists(`settings:field.${name}`) ? undefined : schema.description;
          return <Control key={name} name={name} schema={schema} value={value} members={possible.galleries[name]} label={t(`settings:field.${name}`, { defaultValue: name })} note={note} none={t("settings:no_limit")} onChange={(next) => set(name, next)} />;
        })}
      </Stack>
      <SaveRow {...form} disabled={Object.keys(changed).length === 0} />
    </form>
  );
}
