/** A text to take along: selected with one click, copied with the other, also where the browser has no clipboard. */
import { Button, Group, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon.tsx";

export function CopyField({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      setCopied(false); // not a secure address: the text is selected, ready for Ctrl C
    }
  };
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput ref={field} label={label} value={value} readOnly flex={1} miw={0} ff="monospace" onFocus={(event) => event.currentTarget.select()} />
      <Button variant="default" onClick={() => void copy()} leftSection={<Icon name={copied ? "check" : "copy"} size={16} />}>{t(copied ? "common:copied" : "common:copy")}</Button>
    </Group>
  );
}
