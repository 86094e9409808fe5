/** The fields of who one is, the same at setup and at joining. */
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type ReactNode, type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { asProblem } from "../../api/problem.ts";
import { ErrorNote } from "../../parts/index.tsx";

const SHORTEST = 10; // as the server asks

export interface Newcomer {
  name: string;
  email: string;
  password: string;
}

function read(form: HTMLFormElement): Newcomer {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === "string" ? value : "";
  };
  return { name: text("name").trim(), email: text("email").trim(), password: text("password") };
}

/** A form that sends itself once, keeps what was typed when refused, and says why. */
export function DoorForm({ newcomer, action, send, children }: { newcomer: boolean; action: string; send: (who: Newcomer) => Promise<void>; children?: ReactNode }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    send(read(event.currentTarget)).catch((caught: unknown) => {
      setError(caught);
      setBusy(false);
    });
  };
  const code = error == null ? "" : asProblem(error).code;
  return (
    <form onSubmit={submit}>
      <Stack>
        {newcomer && <TextInput name="name" label={t("auth:name")} autoComplete="name" required size="md" maxLength={200} />}
        <TextInput name="email" type="email" label={t("auth:email")} autoComplete="username" required size="md" error={code.includes("email")} />
        <PasswordInput
          name="password"
          label={t("auth:password")}
          description={newcomer ? t("auth:password_hint", { n: SHORTEST }) : undefined}
          autoComplete={newcomer ? "new-password" : "current-password"}
          minLength={newcomer ? SHORTEST : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("auth:show_password") }}
          required
          size="md"
          error={code.includes("password")}
        />
        <ErrorNote error={error} />
        <Button type="submit" size="md" loading={busy} fullWidth>{action}</Button>
        {children}
      </Stack>
    </form>
  );
}
