import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { ago, moment } from "../../parts/numbers.ts";
import { sayRow, type JournalRow } from "../ring/journal.ts";
import classes from "./Item.module.css";

/** From today back to the item's birth: who or what did what with it. */
export function LifeLine({ rows }: { rows: JournalRow[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  return (
    <section className={classes.block} aria-label={t("items:life")}>
      <div className={classes.asked}>{t("items:life")}</div>
      <ol className={classes.line}>
        {rows.map((row) => (
          <li key={row.id} data-person={row.actor.startsWith("person") || undefined}>
            {sayRow(t, row, 1)}
            <Text component="time" dateTime={row.at} size="xs" c="dimmed" display="block" title={moment(row.at)}>{ago(row.at)}</Text>
          </li>
        ))}
      </ol>
    </section>
  );
}
