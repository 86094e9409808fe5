/** Every promotion and rollback, the newest first. */
import { Paper, Stack, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useNames } from "../../api/names.ts";
import { ago, moment } from "../../parts/numbers.ts";
import { movesQuery } from "./queries.ts";
import type { Move } from "./types.ts";

export function Moves({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const { data } = useQuery(movesQuery(projectId));
  const names = useNames(projectId);
  // What the loop writes down is English and always the same; a person's reason is their own.
  const whyOf = ({ actor, why }: Move) => (actor.startsWith("person") ? why : t("models:passed_gate"));
  if (!data || data.rows.length === 0) return null;
  return (
    <section>
      <Text component="h2" fw={650} m={0} mb="xs">{t("models:history")}</Text>
      <Paper withBorder p="md">
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
          {data.rows.map((move) => (
            <li key={move.id}>
              <Text size="sm">
                {t(move.kind === "rollback" ? "models:moved_back" : "models:moved", { n: move.number ?? "–", who: names(move.actor) })}
                {whyOf(move) && <Text span c="dimmed">{" — "}{whyOf(move)}</Text>}{" "}
                <Tooltip label={moment(move.at)}><Text span size="xs" c="dimmed">{ago(move.at)}</Text></Tooltip>
              </Text>
            </li>
          ))}
        </Stack>
      </Paper>
    </section>
  );
}
