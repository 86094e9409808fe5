/** One button makes a link that lets people into a project, or onto the site; another copies it. The secret is shown this once. */
import { Button, CopyButton, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../api/client.ts";
import { projectKey } from "../api/live.ts";
import type { ProjectRole } from "../api/types.ts";
import { ErrorNote, Icon } from "./index.tsx";
import { moment } from "./numbers.ts";

interface Invitation {
  url: string;
  expires_at: string;
  uses_left?: number | null;
}

const ROLES: ProjectRole[] = ["annotator", "operator", "engineer"];
const USES = 50;
const DAYS = 14;

export function InviteLink({ projectId, role: first = "annotator" }: { projectId: number | null; role?: ProjectRole }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [role, setRole] = useState<ProjectRole>(first);
  const [made, setMade] = useState<Invitation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { role, uses: USES, days: DAYS };
      const asked = projectId === null
        ? call<Invitation>(api.POST("/api/v1/invitations", { body }))
        : call<Invitation>(api.POST("/api/v1/projects/{project_id}/invitations", { params: { path: { project_id: projectId } }, body }));
      setMade(await asked);
      if (projectId !== null) void client.invalidateQueries({ queryKey: projectKey(projectId, "invitations") });
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-end">
        <Select label={t("common:invite_as")} value={role} onChange={(value) => { setMade(null); setRole((value ?? first)); }} data={ROLES.map((each) => ({ value: each, label: t(`common:role_${each}`) }))} w={180} allowDeselect={false} />
        <Button variant="default" leftSection={<Icon name="link" size={16} />} loading={busy} onClick={() => void make()}>{t("common:make_link")}</Button>
      </Group>
      {made && <Link url={new URL(made.url, window.location.origin).href} until={made.expires_at} />}
      <ErrorNote error={error} />
    </Stack>
  );
}

function Link({ url, until }: { url: string; until: string }) {
  const { t } = useTranslation();
  return (
    <div>
      <Group gap="xs" wrap="nowrap">
        <TextInput value={url} readOnly aria-label={t("common:invite_link")} style={{ flex: 1 }} onFocus={(event) => event.currentTarget.select()} />
        <CopyButton value={url}>
          {({ copied, copy }) => <Button onClick={copy} leftSection={<Icon name={copied ? "check" : "copy"} size={16} />} aria-live="polite">{t(copied ? "common:copied" : "common:copy")}</Button>}
        </CopyButton>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>{t("common:invite_until", { uses: USES, until: moment(until) })}</Text>
    </div>
  );
}
