import { SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { meQuery } from "../../api/session.ts";
import type { Me } from "../../api/types.ts";
import { isLanguage, speak } from "../../i18n/index.ts";
import { SaveRow } from "../../parts/SaveRow.tsx";
import { useSave } from "../../parts/useSave.ts";

export function Profile({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(me.name);
  const [language, setLanguage] = useState(me.language);
  const form = useSave(async () => {
    const changed = await call<Me>(api.PATCH("/api/v1/me", { body: { name: name.trim(), language: isLanguage(language) ? language : "en" } }));
    client.setQueryData(meQuery.queryKey, changed);
    if (isLanguage(language)) await speak(language);
  });
  return (
    <form onSubmit={(event) => void form.save(event)} onChange={form.fresh}>
      <Stack gap="sm" maw={420}>
        <TextInput label={t("settings:me_name")} value={name} onChange={(event) => setName(event.currentTarget.value)} required autoComplete="name" />
        <div>
          <Text size="sm" fw={500} mb={4} id="my-language">{t("settings:me_language")}</Text>
          <SegmentedControl aria-labelledby="my-language" value={language} onChange={setLanguage} data={[{ value: "en", label: "English" }, { value: "ja", label: "日本語" }]} />
        </div>
      </Stack>
      <SaveRow {...form} disabled={!name.trim()} />
    </form>
  );
}
