/** API tokens: made with a name, their text shown this once, ended at any time. */
import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { Confirm } from "../../parts/confirm.tsx";
import { CopyField } from "../../parts/CopyField.tsx";
import { ErrorNote, Fetched } from "../../parts/index.tsx";
import { moment } from "../../parts/numbers.ts";
import { useSave } from "../../parts/useSave.ts";

interface Token {
  id: number;
  name: string;
  hint: string;
  created_at: string;
}

const tokensQuery = queryOptions({ queryKey: ["me", "tokens"], queryFn: async () => (await call<{ rows: Token[] }>(api.GET("/api/v1/me/tokens", {}))).rows });

export function Tokens() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(tokensQuery);
  const [name, setName] = useState("");
  const [fresh, setFresh] = useState<string | null>(null);
  const [ending, setEnding] = useState<Token | null>(null);
  const again = () => client.invalidateQueries({ queryKey: tokensQuery.queryKey });
  const form = useSave(async () => {
    const made = await call<Token & { token: string }>(api.POST("/api/v1/me/tokens", { body: { name: name.trim() } }));
    setFresh(made.token);
    setName("");
    await again();
  });
  const end = async () => {
    if (ending) await call(api.DELETE("/api/v1/me/tokens/{token_id}", { params: { path: { token_id: ending.id } } }));
    await again();
  };
  return (
    <Stack>
      <form onSubmit={(event) => void form.save(event)}>
        <Group align="flex-end" gap="xs" wrap="nowrap" maw={520}>
          <TextInput label={t("settings:token_name")} placeholder={t("settings:token_name_hint")} value={name} onChange={(event) => setName(event.currentTarget.value)} flex={1} />
          <Button type="submit" loading={form.busy} disabled={!name.trim()}>{t("settings:token_make")}</Button>
        </Group>
      </form>
      <ErrorNote error={form.error} />
      {fresh && (
        <Stack gap={4} p="md" bg="var(--mg-sunken)" bdrs="md" role="status">
          <CopyField label={t("settings:token_fresh")} value={fresh} />
          <Text size="sm" c="dimmed">{t("settings:token_once")}</Text>
        </Stack>
      )}
      <Fetched query={query}>
        {(tokens) =>
          tokens.length > 0 && (
            <Table>
              <Table.Tbody>
                {tokens.map((token) => (
                  <Table.Tr key={token.id}>
                    <Table.Td pl={0}><Text fw={500}>{token.name}</Text><Text size="sm" c="dimmed" ff="monospace">{token.hint}…</Text></Table.Td>
                    <Table.Td visibleFrom="sm"><Text size="sm" c="dimmed">{moment(token.created_at)}</Text></Table.Td>
                    <Table.Td pr={0} ta="end"><Button variant="default" size="sm" onClick={() => setEnding(token)}>{t("settings:token_end")}</Button></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Fetched>
      <Confirm opened={ending !== null} close={() => setEnding(null)} title={t("settings:token_end_title", { name: ending?.name ?? "" })} text={t("settings:token_end_text")} action={t("settings:token_end")} danger run={end} />
    </Stack>
  );
}
