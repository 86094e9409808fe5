/** One setting: its words, its control, its limits. */
import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Schema } from "../../annotators/form/schema.ts";
import type { Member } from "./api.ts";
import { controlOf } from "./fields.ts";

interface Props {
  name: string;
  schema: Schema;
  value: unknown;
  members?: Member[];
  label: string;
  /** What an empty field means, where it may be empty. */
  none?: string;
  note?: string;
  onChange: (value: unknown) => void;
}

const numberOr = (value: unknown): number | "" => (typeof value === "number" ? value : "");
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

export function Control({ name, schema, value, members, label, note, none, onChange }: Props) {
  const { t } = useTranslation();
  const control = controlOf(name, schema, members !== undefined);
  const words = { label, description: note };
  const narrow = { wrapper: { maxWidth: 200 } };
  const scaled = (by: number, suffix: string, min: number, max: number, empty = false) => (
    <NumberInput {...words} value={typeof value === "number" ? rounded(value * by) : ""} onChange={(next) => (typeof next === "number" ? onChange(rounded(next / by)) : empty && onChange(null))} placeholder={empty ? none : undefined} min={min} max={max} suffix={suffix} styles={narrow} clampBehavior="blur" decimalScale={1} />
  );
  switch (control.kind) {
    case "yes_no":
      return <Switch {...words} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "percent":
      return scaled(100, "%", control.min, control.max, control.empty);
    case "minutes":
      return scaled(1 / 60, t("settings:minutes"), control.min, control.max);
    case "number":
      return <NumberInput {...words} value={numberOr(value)} onChange={(next) => (typeof next === "number" ? onChange(next) : control.empty && onChange(null))} min={control.min} max={control.max} allowDecimal={!control.whole} placeholder={control.empty ? none : undefined} styles={narrow} clampBehavior="blur" thousandSeparator />;
    case "member":
      return <Select {...words} value={String(value)} onChange={(next) => next !== null && onChange(next)} data={(members ?? []).map((one) => ({ value: one.name, label: t(`settings:member.${one.name}`, { defaultValue: one.name }) }))} allowDeselect={false} maw={360} />;
    default:
      return <TextInput {...words} value={typeof value === "string" ? value : JSON.stringify(value)} onChange={(event) => onChange(event.currentTarget.value)} maw={360} />;
  }
}
