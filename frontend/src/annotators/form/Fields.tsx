/** Fields drawn from a JSON Schema, nested as the schema is. */
import { Button, Fieldset, Group, NumberInput, Select, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Value } from "../../core/work.ts";
import { Icon } from "../../parts/index.tsx";
import { blank, fieldOf, resolved, type Schema } from "./schema.ts";

interface Props {
  schema: Schema;
  root: Schema;
  label?: string;
  labelledBy?: string;
  value: Value;
  onChange: (value: Value) => void;
}

export function SchemaField(props: Props) {
  const { schema, root, label, labelledBy, value, onChange } = props;
  const field = fieldOf(schema, root);
  const named = { label, "aria-labelledby": label ? undefined : labelledBy, description: resolved(schema, root).description };
  const text = typeof value === "string" ? value : "";
  switch (field.kind) {
    case "text":
      return field.long ? (
        <Textarea {...named} autosize minRows={2} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />
      ) : (
        <TextInput {...named} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />
      );
    case "number":
      return <NumberInput {...named} allowDecimal={!field.whole} min={field.min} max={field.max} value={typeof value === "number" ? value : ""} onChange={(next) => onChange(typeof next === "number" ? next : undefined)} />;
    case "yes_no":
      return <Switch {...named} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "one_of":
      return <Select {...named} data={field.values} value={text || null} onChange={(next) => onChange(next ?? undefined)} clearable />;
    case "list":
      return <List {...props} of={field.of} />;
    case "object":
      return <Parts {...props} fields={field.fields} />;
    default:
      return <Json {...props} />;
  }
}

function List({ of, root, label, value, onChange }: Props & { of: Schema }) {
  const { t } = useTranslation();
  const rows = Array.isArray(value) ? (value as Value[]) : [];
  const change = (next: Value[]) => onChange(next.length > 0 ? next : undefined);
  return (
    <Stack gap="xs" role="group" aria-label={label}>
      {rows.map((row, index) => (
        <Group key={index} align="flex-start" wrap="nowrap" gap="xs">
          <div style={{ flex: 1, minWidth: 0 }}>
            <SchemaField schema={of} root={root} label={t("annotators:entry_n", { n: index + 1 })} value={row} onChange={(next) => change(rows.with(index, next))} />
          </div>
          <Button variant="subtle" color="gray" mt={24} px="xs" aria-label={t("annotators:remove_entry_n", { n: index + 1 })} onClick={() => change(rows.toSpliced(index, 1))}><Icon name="close" size={16} /></Button>
        </Group>
      ))}
      <Button variant="default" leftSection={<Icon name="plus" size={16} />} onClick={() => change([...rows, blank(of, root)])} style={{ alignSelf: "flex-start" }}>{t("annotators:add_entry")}</Button>
    </Stack>
  );
}

function Parts({ fields, root, label, value, onChange }: Props & { fields: [string, Schema][] }) {
  const now = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, Value>) : {};
  return (
    <Fieldset legend={label} variant="unstyled">
      <Stack gap="xs">
        {fields.map(([name, part]) => (
          <SchemaField key={name} schema={part} root={root} label={resolved(part, root).title ?? name} value={now[name]} onChange={(next) => onChange({ ...now, [name]: next })} />
        ))}
      </Stack>
    </Fieldset>
  );
}

/** Anything at all, as JSON; what cannot be read is not taken over and says so. */
function Json({ label, labelledBy, value, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [wrong, setWrong] = useState(false);
  const take = (next: string) => {
    setText(next);
    try {
      onChange(next.trim() ? JSON.parse(next) : undefined);
      setWrong(false);
    } catch {
      setWrong(true);
    }
  };
  return <Textarea label={label} aria-labelledby={label ? undefined : labelledBy} autosize minRows={4} ff="monospace" value={text} error={wrong ? t("annotators:not_json") : undefined} onChange={(event) => take(event.currentTarget.value)} />;
}
