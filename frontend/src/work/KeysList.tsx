/** Everything that can be pressed now. */
import { Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { printed, type Binding } from "../core/keys.ts";
import { Key } from "../parts/index.tsx";
import { keymap, useBindings } from "./useKeys.ts";

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function KeysList({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const groups = grouped(useBindings());
  return (
    <Modal opened={opened} onClose={close} title={t("work:keys")} closeButtonProps={{ "aria-label": t("common:close") }}>
      <Stack gap="md">
        {[...groups].map(([group, bindings]) => (
          <section key={group} aria-label={group}>
            <Text size="sm" c="dimmed" mb={4}>{group}</Text>
            {bindings.map((binding) => (
              <Group key={binding.id} justify="space-between" wrap="nowrap" py={3}>
                <span>{binding.label}</span>
                <Group gap={4} wrap="nowrap">{keymap.keysOf(binding).slice(0, 2).map((keys) => <Key key={keys}>{printed(keys, MAC)}</Key>)}</Group>
              </Group>
            ))}
          </section>
        ))}
      </Stack>
    </Modal>
  );
}

function grouped(bindings: Binding[]): Map<string, Binding[]> {
  const groups = new Map<string, Binding[]>();
  for (const binding of bindings) groups.set(binding.group ?? "", [...(groups.get(binding.group ?? "") ?? []), binding]);
  return groups;
}
