/** Following an invitation link: make an account, or take it up with the one that is signed in. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { asProblem } from "../../api/problem.ts";
import { queries } from "../../api/query.ts";
import { enter, meQuery } from "../../api/session.ts";
import type { Me } from "../../api/types.ts";
import { Doorstep } from "../../app/Shell.tsx";
import { language } from "../../i18n/index.ts";
import { ErrorNote } from "../../parts/index.tsx";
import { DoorForm, type Newcomer } from "../doors/fields.tsx";

interface Invitation {
  project_name?: string | null;
  role: string;
  expires_at: string;
  valid: boolean;
}

export default function Join() {
  const { t } = useTranslation();
  const { secret = "" } = useParams({ strict: false });
  const path = { params: { path: { secret } } };
  const invitation = useQuery({ queryKey: ["join", secret], queryFn: () => call<Invitation>(api.GET("/api/v1/join/{secret}", path)), retry: false });
  const me = useQuery({ ...meQuery, retry: false });
  const found = invitation.data;
  if (found?.valid) return <Welcome invitation={found} secret={secret} me={me.data ?? null} />;
  if (invitation.isPending) return <Doorstep title={t("common:loading")}>{null}</Doorstep>;
  return invitation.error && asProblem(invitation.error).status !== 404 ? (
    <Doorstep title={t("auth:join_site")}><ErrorNote error={invitation.error} retry={() => void invitation.refetch()} /></Doorstep>
  ) : <Over />;
}

function Over() {
  const { t } = useTranslation();
  return (
    <Doorstep title={t("auth:join_over")} note={t("auth:join_over_text")}>
      <Group justify="center"><Button component={Link} to="/" variant="default">{t("auth:login_action")}</Button></Group>
    </Doorstep>
  );
}

function Welcome({ invitation, secret, me }: { invitation: Invitation; secret: string; me: Me | null }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const path = { params: { path: { secret } } };
  const role = t(`common:role_${invitation.role}`);
  const send = async (who: Newcomer) => {
    enter(await call<Me>(api.POST("/api/v1/join/{secret}", { ...path, body: { ...who, language: language() } })));
    await navigate({ to: "/" });
  };
  const accept = async () => {
    try {
      await call(api.POST("/api/v1/join/{secret}/accept", path));
      queries.clear();
      await navigate({ to: "/" });
    } catch (caught) {
      setError(caught);
    }
  };
  const title = invitation.project_name ? t("auth:join_title", { project: invitation.project_name }) : t("auth:join_site");
  return (
    <Doorstep title={title} note={t("auth:join_note", { role })}>
      {me ? (
        <Stack>
          <ErrorNote error={error} />
          <Button size="md" onClick={() => void accept()}>{t("auth:join_as", { name: me.name })}</Button>
        </Stack>
      ) : (
        <DoorForm newcomer action={t("auth:join_action")} send={send}>
          <Text size="sm" c="dimmed" ta="center">
            {t("auth:join_known")} <Link to="/login" search={{ to: `/join/${secret}` }}>{t("auth:login_action")}</Link>
          </Text>
        </DoorForm>
      )}
    </Doorstep>
  );
}
