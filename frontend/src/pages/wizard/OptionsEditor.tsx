/** The options of a question: typed one by one or pasted as a list, with colour and key. */
import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type ClipboardEvent, type KeyboardEvent, useRef } from "react";
import { useTranslation } from "react-i18next";

import { colourOf, type DraftOption, option, withNames } from "../../core/draft.ts";
import { optionNames } from "../../core/files.ts";
import { optionKeys } from "../../core/optionKeys.ts";
import { Icon } from "../../parts/index.tsx";
import classes from "./Wizard.module.css";

interface RowProps {
  row: DraftOption;
  index: number;
  color: string;
  /** The key it gets where none is chosen. */
  given: string | null;
  set: (row: DraftOption) => void;
  remove: () => void;
  paste: (names: string[]) => void;
  enter: () => void;
}

export function OptionsEditor({ options, change }: { options: DraftOption[]; change: (options: DraftOption[]) => void }) {
  const { t } = useTranslation();
  const keys = optionKeys(options.map(({ name, hotkey }) => ({ name, hotkey: hotkey || null })));
  const list = useRef<HTMLDivElement>(null);
  const focus = (index: number) => requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>("input[data-name]")[index]?.focus());
  const set = (index: number, row: DraftOption) => change(options.map((each, at) => at === index ? row : each));
  const add = (after: number) => {
    change([...options.slice(0, after + 1), option(""), ...options.slice(after + 1)]);
    focus(after + 1);
  };
  return (
    <div>
      <Group justify="space-between" mb={4}><Text fw={500} size="sm">{t("wizard:options")}</Text><Text size="xs" c="dimmed">{t("wizard:paste_hint")}</Text></Group>
      <Stack gap={6} ref={list}>
        {options.map((row, index) => (
          <Row
            key={row.key}
            row={row}
            index={index}
            color={colourOf(options, index)}
            given={keys[index] ?? null}
            set={(next) => set(index, next)}
            remove={() => change(options.filter((_, at) => at !== index))}
            paste={(names) => change(withNames(options, names))}
            enter={() => index === options.length - 1 ? add(index) : focus(index + 1)}
          />
        ))}
      </Stack>
      <Button mt="xs" size="compact-sm" variant="subtle" leftSection={<Icon name="plus" size={14} />} onClick={() => add(options.length - 1)}>{t("wizard:add_option")}</Button>
    </div>
  );
}

function Row({ row, index, color, given, set, remove, paste, enter }: RowProps) {
  const { t } = useTranslation();
  const n = index + 1;
  const pasted = (event: ClipboardEvent) => {
    const names = optionNames(event.clipboardData.getData("text"));
    if (names.length < 2) return;
    event.preventDefault();
    paste(names);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return; // Enter that ends a conversion is not an Enter
    event.preventDefault();
    enter();
  };
  return (
    <div className={classes.option}>
      <input type="color" className={classes.swatch} value={color} onChange={(event) => set({ ...row, color: event.currentTarget.value })} aria-label={t("wizard:colour_of", { n })} />
      <TextInput data-name value={row.name} onChange={(event) => set({ ...row, name: event.currentTarget.value })} onPaste={pasted} onKeyDown={key} placeholder={t("wizard:option_n", { n })} aria-label={t("wizard:option_n", { n })} maxLength={200} />
      <TextInput value={row.hotkey} onChange={(event) => set({ ...row, hotkey: event.currentTarget.value.slice(-1).toLowerCase() })} placeholder={given ?? ""} aria-label={t("wizard:key_of", { n })} styles={{ input: { textAlign: "center" } }} />
      <ActionIcon variant="subtle" color="gray" size={36} onClick={remove} aria-label={t("wizard:remove_option", { n })}><Icon name="close" size={16} /></ActionIcon>
    </div>
  );
}
