/** The filters in a row, each a part of the sentence beneath them. */
import { Button, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { titleOf, type Question } from "../../core/work.ts";
import { Icon } from "../../parts/index.tsx";
import { percent } from "../../parts/numbers.ts";
import { DISAGREEMENTS, isFiltered, SPLITS, STATES, type Filters } from "./filters.ts";
import classes from "./Items.module.css";

interface Props {
  filters: Filters;
  questions: Question[];
  question: Question;
  change: (part: Partial<Filters>) => void;
  clear: () => void;
}

export function Filter({ filters, questions, question, change, clear }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(isFiltered(filters));
  const [typed, setTyped] = useState(filters.q ?? "");
  const options = (question.options ?? []).map((option) => ({ value: option.name, label: titleOf(option) }));
  const choose = (name: keyof Filters, label: string, data: { value: string; label: string }[], width = 150) => (
    <Select value={filters[name] === undefined ? null : String(filters[name])} onChange={(value) => change({ [name]: value ?? undefined })} data={data} placeholder={label} aria-label={label} clearable searchable={data.length > 10} w={width} comboboxProps={{ width: "max-content", position: "bottom-start" }} />
  );
  return (
    <form
      className={classes.filters}
      data-open={open || undefined}
      role="search"
      onSubmit={(event) => event.preventDefault()}
    >
      <TextInput value={typed} onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && change({ q: typed.trim() || undefined })} onChange={(event) => setTyped(event.currentTarget.value)} onBlur={() => change({ q: typed.trim() || undefined })} leftSection={<Icon name="search" size={16} />} placeholder={t("items:search")} aria-label={t("items:search")} type="search" w={200} className={classes.always} />
      <Button variant="default" className={`${classes.unfold} ${classes.always}`} aria-expanded={open} onClick={() => setOpen(!open)} leftSection={<Icon name="filter" size={16} />}>{t("items:filters")}</Button>
      {questions.length > 1 && choose("question", t("items:question"), questions.map((one) => ({ value: one.name, label: titleOf(one) })))}
      {choose("state", t("items:state"), STATES.map((value) => ({ value, label: t(`items:state_${value}`) })))}
      {choose("split", t("items:split"), SPLITS.map((value) => ({ value, label: t(`items:split_${value}`) })))}
      {options.length > 0 && choose("label", t("items:label"), options)}
      {options.length > 0 && choose("model_answer", t("items:model"), options)}
      {choose("min_disagreement", t("items:disagreement"), DISAGREEMENTS.map((value) => ({ value: String(value), label: value < 0.1 ? t("items:any_disagreement") : t("items:over", { share: percent(value, 0) }) })))}
      {choose("order", t("items:order"), [{ value: "disagreement", label: t("items:order_disagreement") }])}
      {isFiltered(filters) && <Button variant="subtle" color="gray" onClick={() => { setTyped(""); clear(); }} leftSection={<Icon name="close" size={14} />}>{t("items:clear")}</Button>}
    </form>
  );
}

/** The filters as a sentence. */
export function Sentence({ filters, question, total }: { filters: Filters; question: Question; total: string | null }) {
  const { t } = useTranslation();
  const named = (name: string | undefined) => titleOf((question.options ?? []).find((option) => option.name === name) ?? { name: name ?? "" });
  const parts = [
    total,
    filters.state && t(`items:state_${filters.state}`),
    filters.split && t(`items:split_${filters.split}`),
    filters.label && t("items:is_labelled", { label: named(filters.label) }),
    filters.model_answer && t("items:is_answered", { label: named(filters.model_answer) }),
    filters.min_disagreement !== undefined && t("items:is_disputed", { share: percent(filters.min_disagreement, 0) }),
    filters.q && t("items:is_containing", { text: filters.q }),
    filters.order && t("items:is_ordered"),
  ].filter(Boolean);
  return <>{parts.join(t("items:between"))}</>;
}
