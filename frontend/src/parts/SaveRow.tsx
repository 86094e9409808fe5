/** The foot of a form: save, and beside it what became of it. */
import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon.tsx";
import { ErrorNote } from "./index.tsx";

interface Props {
  busy: boolean;
  done: boolean;
  error: unknown;
  label?: string;
  disabled?: boolean;
}

export function SaveRow({ busy, done, error, label, disabled = false }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <ErrorNote error={error} />
      <Group mt="md" gap="md">
        <Button type="submit" loading={busy} disabled={disabled}>{label ?? t("common:save")}</Button>
        <Text size="sm" c="var(--mg-good)" role="status">{done && <Group component="span" gap={6}><Icon name="check" size={16} />{t("common:saved")}</Group>}</Text>
      </Group>
    </>
  );
}
