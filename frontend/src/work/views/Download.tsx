import { Anchor, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Icon } from "../../parts/index.tsx";
import type { ViewProps } from "./contract.ts";

/** What stands for an item that no view can show. */
export function Download({ item }: ViewProps) {
  const { t } = useTranslation();
  return (
    <Stack align="center" justify="center" h="100%" c="dimmed" p="lg">
      <Icon name="file" size={40} />
      <Text>{item.mime}</Text>
      {item.url && <Anchor href={item.url} download>{t("work:download_item")}</Anchor>}
    </Stack>
  );
}
