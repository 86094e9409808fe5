/** The first visit: whoever comes first becomes the owner. */
import { useQuery } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { enter } from "../../api/session.ts";
import type { Me } from "../../api/types.ts";
import { Doorstep } from "../../app/Shell.tsx";
import { language } from "../../i18n/index.ts";
import { DoorForm, type Newcomer } from "../doors/fields.tsx";

export default function Setup() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const asked = useQuery({ queryKey: ["setup"], queryFn: () => call<{ needed: boolean }>(api.GET("/api/v1/setup", {})) });
  const send = async (who: Newcomer) => {
    enter(await call<Me>(api.POST("/api/v1/setup", { body: { ...who, language: language() } })));
    await navigate({ to: "/" });
  };
  if (asked.data?.needed === false) return <Navigate to="/" />;
  return (
    <Doorstep title={t("auth:setup_title")} note={t("auth:setup_note")}>
      <DoorForm newcomer action={t("auth:setup_action")} send={send} />
    </Doorstep>
  );
}
