import { Button, Group, NumberInput, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ProjectRole } from "../../api/types.ts";
import { CopyField } from "../../parts/CopyField.tsx";
import { useTold } from "../../parts/confirm.tsx";
import { ErrorNote, Fetched } from "../../parts/index.tsx";
import { ago, moment } from "../../parts/numbers.ts";
import { useSave } from "../../parts/useSave.ts";
import { invitationsQuery, invite, revoke, type NewInvitation } from "./api.ts";

const ROLES: ProjectRole[] = ["annotator", "operator", "engineer"];

export function Invitations({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const query = useQuery(invitationsQuery(projectId));
  const [role, setRole] = useState<ProjectRole>("annotator");
  const [uses, setUses] = useState<number>(10);
  const [days, setDays] = useState<number>(7);
  const [fresh, setFresh] = useState<NewInvitation | null>(null);
  const again = () => client.invalidateQueries({ queryKey: invitationsQuery(projectId).queryKey });
  const form = useSave(async () => {
    setFresh(await invite(projectId, { role, uses, days }));
    await again();
  });
  const end = async (id: number) => {
    try {
      await revoke(id);
      if (fresh?.id === id) setFresh(null);
      await again();
    } catch (error) {
      told.failed(error);
    }
  };
  return (
    <Stack>
      <form onSubmit={(event) => void form.save(event)}>
        <Group align="flex-end" gap="xs">
          <Select label={t("people:role")} value={role} onChange={(next) => setRole(next ?? "annotator")} allowDeselect={false} data={ROLES.map((one) => ({ value: one, label: t(`common:role_${one}`) }))} w={160} />
          <NumberInput label={t("people:uses")} value={uses} onChange={(next) => setUses(Number(next) || 1)} min={1} max={1000} w={120} />
          <NumberInput label={t("people:days")} value={days} onChange={(next) => setDays(Number(next) || 1)} min={1} max={90} w={120} />
          <Button type="submit" loading={form.busy}>{t("people:make_link")}</Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed">{t(`people:may_${role}`)}</Text>
      <ErrorNote error={form.error} />
      {fresh && (
        <Stack gap={4} p="md" bg="var(--mg-sunken)" bdrs="md" role="status">
          <CopyField label={t("people:fresh_link", { role: t(`common:role_${fresh.role}`) })} value={fresh.url} />
          <Text size="sm" c="dimmed">{t("people:link_once")}</Text>
        </Stack>
      )}
      <Fetched query={query}>
        {(rows) =>
          rows.length > 0 && (
            <Table>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.id}>
                    <Table.Td pl={0}>
                      <Text fw={500}>{t(`common:role_${row.role}`)} <Text span size="sm" c="dimmed" ff="monospace">{row.hint}…</Text></Text>
                      <Text size="sm" c="dimmed">{t("people:link_left", { count: row.uses_left })} · <span title={moment(row.expires_at)}>{t("people:link_ends", { when: ago(row.expires_at) })}</span></Text>
                    </Table.Td>
                    <Table.Td pr={0} ta="end"><Button variant="default" size="sm" onClick={() => void end(row.id)}>{t("people:revoke")}</Button></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Fetched>
    </Stack>
  );
}
