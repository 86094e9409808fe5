import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { Question } from "../../core/work.ts";
import { Answered } from "./Answered.tsx";
import type { ItemRow } from "./api.ts";
import classes from "./Items.module.css";
import { Thumb } from "./Thumb.tsx";

export interface ListProps {
  projectId: number;
  rows: ItemRow[];
  question: Question;
  picked: ReadonlySet<number>;
  /** Null where nothing can be done with items. */
  pick: ((id: number, range: boolean) => void) | null;
}

export function Grid({ projectId, rows, question, picked, pick }: ListProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.grid} data-picking={picked.size > 0 || undefined}>
      {rows.map((item) => (
        <article key={item.id} className={classes.card} data-on={picked.has(item.id) || undefined}>
          {pick && (
            <div className={classes.pick}>
              <Checkbox checked={picked.has(item.id)} onChange={() => undefined} onClick={(event) => pick(item.id, event.shiftKey)} aria-label={t("items:pick", { name: item.key ?? item.id })} />
            </div>
          )}
          <Link to="/projects/$projectId/items/$itemId" params={{ projectId: String(projectId), itemId: String(item.id) }} className={classes.face} aria-label={item.text == null ? t("items:open", { name: item.key ?? item.id }) : undefined}>
            {item.text == null ? <Thumb item={item} /> : <div className={classes.words}>{item.text}</div>}
          </Link>
          <div className={classes.foot}><Answered item={item} question={question} /></div>
        </article>
      ))}
    </div>
  );
}
