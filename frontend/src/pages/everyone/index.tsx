/** Everybody who has an account here: their role on the site, and whether they may come in. */
import { Badge, Button, Group, Paper, Select, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import type { components } from "../../api/schema.ts";
import { useMe } from "../../api/session.ts";
import { useTold } from "../../parts/confirm.tsx";
import { ErrorNote, Loading, Page } from "../../parts/index.tsx";
import { InviteLink } from "../../parts/InviteLink.tsx";
import { moment } from "../../parts/numbers.ts";
import classes from "./Everyone.module.css";

type Person = components["schemas"]["PersonRow"];
type Change = components["schemas"]["PersonChange"];

const ROLES = ["owner", "engineer", "operator", "annotator"] as const;
const KEY = ["people"];

export default function Everyone() {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: KEY,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => call<components["schemas"]["PersonRows"]>(api.GET("/api/v1/people", { params: { query: { after: pageParam, limit: 100 } } })),
    getNextPageParam: (last) => last.after ?? undefined,
  });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page title={t("auth:everyone")} note={t("auth:everyone_note")}>
      <Paper withBorder p="md" mb="lg"><InviteLink projectId={null} role="engineer" /></Paper>
      {query.isPending && <Loading rows={5} />}
      <ErrorNote error={query.error} retry={() => void query.refetch()} />
      {rows.length > 0 && <Paper withBorder px="md">{rows.map((person) => <Row key={person.id} person={person} />)}</Paper>}
      {query.hasNextPage && <Button mt="md" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("common:show_more")}</Button>}
    </Page>
  );
}

function Row({ person }: { person: Person }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const told = useTold();
  const change = useMutation({
    mutationFn: (body: Change) => call(api.PATCH("/api/v1/people/{person_id}", { params: { path: { person_id: person.id } }, body })),
    onSuccess: (_, body) => {
      const back: Change = body.role ? { role: person.role } : { disabled: person.disabled };
      told.done(t("auth:changed", { name: person.name }), () => undo.mutate(back));
      return client.invalidateQueries({ queryKey: KEY });
    },
    onError: (error) => told.failed(error),
  });
  const undo = useMutation({
    mutationFn: (body: Change) => call(api.PATCH("/api/v1/people/{person_id}", { params: { path: { person_id: person.id } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
    onError: (error) => told.failed(error),
  });
  const self = me.id === person.id;
  return (
    <Group component="article" className={classes.row} gap="sm" justify="space-between">
      <div className={classes.who}>
        <Group gap="xs"><Text fw={600}>{person.name}</Text>{self && <Badge variant="default" tt="none">{t("auth:yourself")}</Badge>}{person.disabled && <Badge color="gray" tt="none">{t("auth:disabled")}</Badge>}</Group>
        <Text size="sm" c="dimmed">{person.email} · {t("auth:since", { at: moment(person.created_at) })}</Text>
      </div>
      <Group gap="xs">
        <Select aria-label={t("auth:role_of", { name: person.name })} w={150} data={ROLES.map((role) => ({ value: role, label: t(`common:role_${role}`) }))} value={person.role} disabled={self || person.disabled || change.isPending} allowDeselect={false} onChange={(role) => role && role !== person.role && change.mutate({ role: role })} />
        <Button variant="default" disabled={self} loading={change.isPending} onClick={() => change.mutate({ disabled: !person.disabled })}>{t(person.disabled ? "auth:enable" : "auth:disable")}</Button>
      </Group>
    </Group>
  );
}
