/** The name, and what the data is: two large cards with a picture. */
import { SimpleGrid, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Modality } from "../../api/types.ts";
import type { Draft } from "../../core/draft.ts";
import { Onward } from "./index.tsx";
import { ImagePicture, TextPicture } from "./pictures.tsx";
import classes from "./Wizard.module.css";

const KINDS: [Modality, typeof TextPicture][] = [["text", TextPicture], ["image", ImagePicture]];

export function KindOfData({ draft, change, next }: { draft: Draft; change: (draft: Draft) => void; next: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <TextInput label={t("wizard:name")} placeholder={t("wizard:name_example")} value={draft.name} onChange={(event) => change({ ...draft, name: event.currentTarget.value })} size="md" maw={480} maxLength={200} data-autofocus />
      <div role="radiogroup" aria-label={t("wizard:step_kind")}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
          {KINDS.map(([kind, Picture]) => {
            const on = draft.modality === kind;
            return (
              <UnstyledButton key={kind} role="radio" aria-checked={on} className={classes.card} onClick={() => change({ ...draft, modality: kind })}>
                <Picture />
                <Text fw={650} fz="lg" mt="sm">{t(`wizard:kind_${kind}`)}</Text>
                <Text size="sm" c="dimmed">{t(`wizard:kind_${kind}_hint`)}</Text>
              </UnstyledButton>
            );
          })}
        </SimpleGrid>
      </div>
      <Onward back={null} next={next} disabled={!draft.modality || !draft.name.trim()} />
    </Stack>
  );
}
