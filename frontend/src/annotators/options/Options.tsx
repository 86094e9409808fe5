/** The options of a question as large targets with their keys; one or several may be on. */
import { Text, TextInput } from "@mantine/core";
import { useMemo, useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";

import { printed } from "../../core/keys.ts";
import type { Proposal, Question } from "../../core/work.ts";
import { Icon, Key } from "../../parts/index.tsx";
import { percent } from "../../parts/numbers.ts";
import { faceOf, faces, type Face } from "./marks.ts";
import classes from "./Options.module.css";

const MANY = 12; // from here on a search field helps more than it takes room

interface Props {
  question: Question;
  chosen: readonly string[];
  several: boolean;
  keys: boolean;
  labelledBy: string;
  suggestion?: Proposal | null;
  suggested: readonly string[];
  toggle: (name: string) => void;
  /** No further option may be chosen. */
  full?: boolean;
  /** An answer that says "none of these", where that is legal. */
  none?: { on: boolean; choose: () => void; key: string | null };
}

export function Options({ question, chosen, several, keys, labelledBy, suggestion, suggested, toggle, full, none }: Props) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const all = faces(question);
  const shown = useMemo(() => matching(all, search), [all, search]);
  const choose = (name: string) => {
    toggle(name);
    setSearch("");
  };
  return (
    <div style={widths(all, suggested.length > 0)}>
      {all.length > MANY && (
        <TextInput
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing || event.key !== "Enter" || !search) return;
            event.stopPropagation();
            if (shown[0]) choose(shown[0].name);
          }}
          leftSection={<Icon name="search" size={16} />}
          placeholder={t("annotators:search_options")}
          aria-label={t("annotators:search_options")}
          mb="xs"
        />
      )}
      <div className={classes.options} role={several ? "group" : "radiogroup"} aria-labelledby={labelledBy}>
        {shown.map((face) => {
          const on = chosen.includes(face.name);
          return (
            <button
              key={face.name}
              type="button"
              role={several ? "checkbox" : "radio"}
              aria-checked={on}
              aria-keyshortcuts={face.key ?? undefined}
              className={classes.option}
              data-suggested={suggested.includes(face.name) || undefined}
              disabled={full && !on}
              onMouseDown={keepFocus}
              onClick={() => choose(face.name)}
            >
              <span className={classes.mark} data-round={several ? undefined : true} style={{ background: face.mark }} />
              <span className={classes.title}>{face.title}</span>
              {suggested.includes(face.name) && <span className={classes.score}>{suggestion?.score == null ? t("annotators:suggested") : t("annotators:suggested_score", { score: percent(suggestion.score, 0) })}</span>}
              {on ? <span className={classes.tick}><Icon name="check" size={16} /></span> : keys && face.key && <Key>{printed(face.key)}</Key>}
            </button>
          );
        })}
        {none && !search && (
          <button type="button" role="checkbox" aria-checked={none.on} className={`${classes.option} ${classes.none}`} onMouseDown={keepFocus} onClick={none.choose}>
            <span className={classes.title}>{t("annotators:none_of_these")}</span>
            {none.on ? <span className={classes.tick}><Icon name="check" size={16} /></span> : keys && none.key && <Key>{printed(none.key)}</Key>}
          </button>
        )}
      </div>
      {shown.length === 0 && <Text c="dimmed" size="sm" py="xs">{t("annotators:no_option_found")}</Text>}
    </div>
  );
}

/** The chosen options in a line. */
export function Chips({ question, names }: { question: Question; names: readonly string[] }) {
  const { t } = useTranslation();
  if (names.length === 0) return <Text component="span" c="dimmed" inherit>{t("annotators:none_of_these")}</Text>;
  return (
    <span className={classes.chips}>
      {names.map((name) => {
        const face = faceOf(question, name);
        return <span key={name} className={classes.chip}><span className={classes.mark} style={{ background: face.mark }} aria-hidden />{face.title}</span>;
      })}
    </span>
  );
}

/** A click must not take the focus away from the desk, else Enter would press the button again. */
function keepFocus(event: React.MouseEvent): void {
  event.preventDefault();
}

function matching(all: Face[], search: string): Face[] {
  const wanted = search.trim().toLocaleLowerCase();
  if (!wanted) return all;
  const hits = all.filter((face) => `${face.title} ${face.name}`.toLocaleLowerCase().includes(wanted));
  return hits.sort((a, b) => Number(b.title.toLocaleLowerCase().startsWith(wanted)) - Number(a.title.toLocaleLowerCase().startsWith(wanted)));
}

/** Columns as wide as the words need: short labels many to a row, long ones one or two. */
function widths(all: Face[], suggesting: boolean): CSSProperties {
  const extra = suggesting ? 96 : 0; // room for the score beside the words
  const longest = Math.max(...all.map((face) => Array.from(face.title).reduce((sum, c) => sum + (c > "\u2e80" ? 2 : 1), 0)), 0);
  const [wide, narrow] = longest <= 2 ? [92, 58] : longest <= 5 ? [132, 112] : longest <= 14 ? [168, 140] : longest <= 28 ? [240, 200] : [340, 340];
  return { "--wide": `${wide + extra}px`, "--narrow": `${narrow + extra}px` } as CSSProperties;
}
