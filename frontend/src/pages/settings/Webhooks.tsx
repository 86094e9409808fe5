/** Addresses that are told what a person decided; each delivery is signed, tried again, and can be seen. */
import { Badge, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CopyField } from "../../parts/CopyField.tsx";
import { useTold } from "../../parts/confirm.tsx";
import { ErrorNote, Fetched } from "../../parts/index.tsx";
import { ago, moment } from "../../parts/numbers.ts";
import { useSave } from "../../parts/useSave.ts";
import { addWebhook, deliveriesQuery, endWebhook, sendAgain, webhooksQuery, type Webhook } from "./api.ts";

export function Webhooks({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const query = useQuery(webhooksQuery(projectId));
  const [url, setUrl] = useState("");
  const [fresh, setFresh] = useState<Webhook | null>(null);
  const again = () => client.invalidateQueries({ queryKey: webhooksQuery(projectId).queryKey });
  const form = useSave(async () => {
    setFresh(await addWebhook(projectId, url.trim()));
    setUrl("");
    await again();
  });
  const end = async (id: number) => {
    try {
      await endWebhook(id);
      await again();
    } catch (error) {
      told.failed(error);
    }
  };
  return (
    <Stack>
      <form onSubmit={(event) => void form.save(event)}>
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <TextInput label={t("settings:webhook_url")} type="url" placeholder={"https://"} value={url} onChange={(event) => setUrl(event.currentTarget.value)} flex={1} />
          <Button type="submit" loading={form.busy} disabled={!url.trim()}>{t("settings:webhook_add")}</Button>
        </Group>
      </form>
      <ErrorNote error={form.error} />
      {fresh?.secret && (
        <Stack gap={4} p="md" bg="var(--mg-sunken)" bdrs="md" role="status">
          <CopyField label={t("settings:webhook_secret")} value={fresh.secret} />
          <Text size="sm" c="dimmed">{t("settings:webhook_secret_note")}</Text>
        </Stack>
      )}
      <Fetched query={query}>{(hooks) => hooks.map((hook) => <One key={hook.id} projectId={projectId} hook={hook} end={() => void end(hook.id)} />)}</Fetched>
    </Stack>
  );
}

function One({ projectId, hook, end }: { projectId: number; hook: Webhook; end: () => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text ff="monospace" size="sm" style={{ overflowWrap: "anywhere", flex: "1 1 200px" }}>{hook.url}</Text>
        <Group gap="xs">
          <Button size="sm" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>{t("settings:deliveries")}</Button>
          <Button size="sm" variant="default" onClick={end}>{t("settings:webhook_end")}</Button>
        </Group>
      </Group>
      {open && <Deliveries projectId={projectId} id={hook.id} />}
    </div>
  );
}

const COLORS = { delivered: "teal", waiting: "gray", dead: "vermilion" } as const;

function Deliveries({ projectId, id }: { projectId: number; id: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const query = useQuery(deliveriesQuery(projectId, id));
  const retry = async (delivery: number) => {
    try {
      await sendAgain(delivery);
      await client.invalidateQueries({ queryKey: deliveriesQuery(projectId, id).queryKey });
    } catch (error) {
      told.failed(error);
    }
  };
  return (
    <Fetched query={query}>
      {(rows) =>
        rows.length === 0 ? (
          <Text size="sm" c="dimmed" py="xs">{t("settings:no_deliveries")}</Text>
        ) : (
          <Table mt="xs">
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.id}>
                  <Table.Td pl={0} title={moment(row.created_at)}>{ago(row.created_at)}</Table.Td>
                  <Table.Td><Badge variant="light" color={COLORS[row.state]}>{t(`settings:delivery_${row.state}`)}</Badge></Table.Td>
                  <Table.Td><Text size="sm" c="dimmed">{[row.last_status, row.last_error, t("settings:tries", { count: row.tries })].filter(Boolean).join(" · ")}</Text></Table.Td>
                  <Table.Td pr={0} ta="end">{row.state !== "delivered" && <Button size="compact-sm" variant="default" onClick={() => void retry(row.id)}>{t("settings:send_again")}</Button>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )
      }
    </Fetched>
  );
}
