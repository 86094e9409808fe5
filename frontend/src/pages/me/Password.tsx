import { PasswordInput, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import type { Me } from "../../api/types.ts";
import { SaveRow } from "../../parts/SaveRow.tsx";
import { useSave } from "../../parts/useSave.ts";

export function Password({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const form = useSave(async () => {
    await call(api.PATCH("/api/v1/me", { body: { password: next, old_password: old } }));
    setOld("");
    setNext("");
  });
  const eye = { "aria-label": t("settings:me_show_password") };
  return (
    <form onSubmit={(event) => void form.save(event)}>
      <input type="text" name="username" autoComplete="username" value={me.email} readOnly hidden />
      <Stack gap="sm" maw={420}>
        <PasswordInput label={t("settings:me_old_password")} value={old} onChange={(event) => setOld(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={eye} required />
        <PasswordInput label={t("settings:me_new_password")} value={next} onChange={(event) => setNext(event.currentTarget.value)} autoComplete="new-password" minLength={8} visibilityToggleButtonProps={eye} required />
      </Stack>
      <SaveRow {...form} label={t("settings:me_change_password")} disabled={!old || !next} />
    </form>
  );
}
