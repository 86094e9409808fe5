import { ActionIcon, Box, Menu, Table, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { projectKey } from "../../api/live.ts";
import { useMe } from "../../api/session.ts";
import type { ProjectRole } from "../../api/types.ts";
import { Confirm, useTold } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/index.tsx";
import { ago, count, percent } from "../../parts/numbers.ts";
import { changeRole, remove, type Member } from "./api.ts";
import { SkillBar } from "./SkillBar.tsx";

const ROLES: ProjectRole[] = ["annotator", "operator", "engineer"];

interface Props {
  projectId: number;
  members: Member[];
  manage: boolean;
}

export function Members({ projectId, members, manage }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const me = useMe();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const again = () => client.invalidateQueries({ queryKey: projectKey(projectId, "people") });
  const give = async (member: Member, role: ProjectRole) => {
    try {
      await changeRole(projectId, member.id, role);
      await again();
      told.done(t("people:role_changed", { name: member.name, role: t(`common:role_${role}`) }));
    } catch (error) {
      told.failed(error);
    }
  };
  const send = async () => {
    if (leaving) await remove(projectId, leaving.id);
    await again();
  };
  return (
    <Box mb="xl" style={{ overflowX: "auto" }}>
      <Table verticalSpacing="sm" miw={320}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th pl={0}>{t("people:name")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("people:role")}</Table.Th>
            <Table.Th ta="end" style={{ whiteSpace: "nowrap" }}>{t("people:answers")}</Table.Th>
            <Table.Th miw={110} w="28%">{t("people:skill")}</Table.Th>
            <Table.Th ta="end" visibleFrom="md">{t("people:agreement")}</Table.Th>
            <Table.Th ta="end" visibleFrom="md">{t("people:last_seen")}</Table.Th>
            {manage && <Table.Th w={48}><span className="mg-skip">{t("common:more")}</span></Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => (
            <Table.Tr key={member.id}>
              <Table.Td pl={0}>
                <Text fw={500}>{member.name}{member.id === me.id && <Text span c="dimmed" fw={400} style={{ whiteSpace: "nowrap" }}> {t("people:you")}</Text>}</Text>
                <Text size="sm" c="dimmed" visibleFrom="sm">{member.email}</Text>
                <Text size="sm" c="dimmed" hiddenFrom="sm">{t(`common:role_${member.role}`)}</Text>
              </Table.Td>
              <Table.Td visibleFrom="sm">{t(`common:role_${member.role}`)}</Table.Td>
              <Table.Td ta="end" className="mg-num">{count(member.answers)}</Table.Td>
              <Table.Td><SkillBar member={member} /></Table.Td>
              <Table.Td ta="end" className="mg-num" visibleFrom="md">{percent(member.agreement, 0)}</Table.Td>
              <Table.Td ta="end" visibleFrom="md">{member.last_seen ? ago(member.last_seen) : t("people:never")}</Table.Td>
              {manage && (
                <Table.Td pr={0}>
                  <Menu position="bottom-end">
                    <Menu.Target><ActionIcon variant="subtle" color="gray" size={44} aria-label={t("people:actions_for", { name: member.name })}><Icon name="more" /></ActionIcon></Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Label>{t("people:give_role")}</Menu.Label>
                      {ROLES.map((role) => <Menu.Item key={role} disabled={role === member.role} leftSection={<Icon name={role === member.role ? "check" : "people"} size={16} />} onClick={() => void give(member, role)}>{t(`common:role_${role}`)}</Menu.Item>)}
                      <Menu.Divider />
                      <Menu.Item color="vermilion" leftSection={<Icon name="leave" size={16} />} onClick={() => setLeaving(member)}>{t("people:remove")}</Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm opened={leaving !== null} close={() => setLeaving(null)} title={t("people:remove_title", { name: leaving?.name ?? "" })} text={t("people:remove_text")} action={t("people:remove")} danger run={send} />
    </Box>
  );
}
