/** Why the task is given back: one key a reason, in the place of the answers so that the item stays in sight. */
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Key } from "../parts/index.tsx";
import { useKeys } from "./useKeys.ts";

const REASONS = ["unsure", "broken", "unclear", "unfit"] as const;

export function Skip({ skip, close }: { skip: (why: string) => void; close: () => void }) {
  const { t } = useTranslation();
  const [other, setOther] = useState("");
  useKeys(
    () => [
      ...REASONS.map((reason, index) => ({ id: `skip.${reason}`, keys: [String(index + 1)], label: t(`work:skip_${reason}`), group: t("work:skip"), run: () => skip(t(`work:skip_${reason}`)) })),
      { id: "skip.close", keys: ["escape", "s", "backspace"], label: t("common:cancel"), group: t("work:skip"), run: close },
    ],
    [t, skip, close],
    { exclusive: true },
  );
  return (
    <div role="group" aria-label={t("work:skip_why")}>
      <Text fw={600} mb="xs">{t("work:skip_why")}</Text>
      <Group gap="xs" mb="xs">
        {REASONS.map((reason, index) => (
          <Button key={reason} variant="default" h={48} rightSection={<Key>{index + 1}</Key>} onClick={() => skip(t(`work:skip_${reason}`))}>{t(`work:skip_${reason}`)}</Button>
        ))}
      </Group>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (other.trim()) skip(other.trim());
        }}
      >
        <Group gap="xs" wrap="nowrap">
          <TextInput flex={1} size="md" value={other} onChange={(event) => setOther(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && close()} placeholder={t("work:skip_other")} aria-label={t("work:skip_other")} />
          <Button type="submit" size="md" variant="default" disabled={!other.trim()}>{t("work:skip")}</Button>
          <Button size="md" variant="subtle" color="gray" onClick={close}>{t("common:cancel")}</Button>
        </Group>
      </form>
    </div>
  );
}
