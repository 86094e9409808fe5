/** Signing in, then on to where one wanted to go. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { enter } from "../../api/session.ts";
import type { Me } from "../../api/types.ts";
import { Doorstep } from "../../app/Shell.tsx";
import { DoorForm, type Newcomer } from "../doors/fields.tsx";

/** Only addresses of this very site: `//elsewhere` and `https:` would lead away. */
function safe(to: string | undefined): string {
  return to?.startsWith("/") && !/^\/[/\\]/.test(to) ? to : "/";
}

export default function Login() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { to } = useSearch({ from: "/login" });
  const send = async ({ email, password }: Newcomer) => {
    enter(await call<Me>(api.POST("/api/v1/login", { body: { email, password } })));
    await navigate({ href: safe(to) });
  };
  return (
    <Doorstep title={t("auth:login_title")}>
      <DoorForm newcomer={false} action={t("auth:login_action")} send={send} />
    </Doorstep>
  );
}
