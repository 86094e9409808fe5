/** The rules a new model must pass, each a sentence with its numbers. */
import { Box, Group, Stack, Switch, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { projectQuery } from "../../app/project.ts";
import type { Project } from "../../api/types.ts";
import { SaveRow } from "../../parts/SaveRow.tsx";
import { useSave } from "../../parts/useSave.ts";
import { change, type Possible } from "./api.ts";
import { Control } from "./Control.tsx";

type All = Record<string, Record<string, unknown>>;

export function Gates({ project, possible }: { project: Project; possible: Possible }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [gates, setGates] = useState<All>(() => ({ ...(project.settings.gates as All | undefined) }));
  const [dirty, setDirty] = useState(false);
  const form = useSave(async () => {
    client.setQueryData(projectQuery(project.id).queryKey, await change(project.id, { settings: { gates } }));
    setDirty(false);
  });
  const set = (gate: string, field: string, value: unknown) => {
    form.fresh();
    setDirty(true);
    setGates((before) => ({ ...before, [gate]: { ...before[gate], [field]: value } }));
  };
  return (
    <form onSubmit={(event) => void form.save(event)}>
      <Stack gap="lg">
        {possible.gates.map(({ name, about, schema_of_settings: schema }) => {
          const own = gates[name] ?? {};
          const on = own.on !== false;
          const fields = Object.entries(schema.properties).filter(([field]) => field !== "on");
          return (
            <Box key={name}>
              <Switch checked={on} onChange={(event) => set(name, "on", event.currentTarget.checked)} label={<Text span fw={500}>{t(`settings:gate.${name}`, { defaultValue: about })}</Text>} />
              {on && fields.length > 0 && (
                <Group pl={52} mt={6} gap="md" align="flex-end">
                  {fields.map(([field, part]) => (
                    <Control key={field} name={field} schema={part} value={field in own ? own[field] : part.default} label={t(`settings:gate_field.${name}.${field}`, { defaultValue: field })} none={t(`settings:gate_none.${name}.${field}`, { defaultValue: "" })} onChange={(next) => set(name, field, next)} />
                  ))}
                </Group>
              )}
            </Box>
          );
        })}
      </Stack>
      <SaveRow {...form} disabled={!dirty} />
    </form>
  );
}
