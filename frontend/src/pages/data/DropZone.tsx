/** Where files are dropped; a keyboard and a phone have two buttons for the same. */
import { Box, Button, Group, Stack, Text } from "@mantine/core";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Modality } from "../../api/types.ts";
import type { Dropped } from "../../core/files.ts";
import { Icon } from "../../parts/index.tsx";
import { chosenFiles, droppedFiles } from "./drop.ts";

const ACCEPT: Record<Modality, string> = {
  image: "image/*,.zip,.csv,.jsonl",
  text: ".txt,.csv,.tsv,.jsonl,.ndjson,.json,.zip,text/plain",
};

export function DropZone({ modality, take }: { modality: Modality; take: (dropped: Dropped[]) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void droppedFiles(event.dataTransfer).then(take);
  };
  return (
    <Box
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      p="xl"
      ta="center"
      bdrs="lg"
      style={{ border: `2px dashed ${over ? "var(--mg-accent)" : "var(--mantine-color-gray-5)"}`, background: over ? "var(--mg-sunken)" : undefined }}
    >
      <Stack align="center" gap="xs">
        <Box c="dimmed"><Icon name="upload" size={34} /></Box>
        <Text fw={600} className="mg-phrase">{t(`wizard:drop_${modality}`)}</Text>
        <Text size="sm" c="dimmed" maw={440} className="mg-phrase">{t(`wizard:drop_${modality}_hint`)}</Text>
        <Group mt="xs" justify="center">
          <Button variant="default" leftSection={<Icon name="file" size={16} />} onClick={() => files.current?.click()}>{t("wizard:choose_files")}</Button>
          <Button variant="default" leftSection={<Icon name="folder" size={16} />} onClick={() => folder.current?.click()}>{t("wizard:choose_folder")}</Button>
        </Group>
      </Stack>
      <input ref={files} type="file" multiple hidden accept={ACCEPT[modality]} aria-label={t("wizard:choose_files")} data-testid="files" onChange={(event) => { take(chosenFiles(event.currentTarget.files)); event.currentTarget.value = ""; }} />
      <input ref={folder} type="file" multiple hidden aria-label={t("wizard:choose_folder")} data-testid="folder" onChange={(event) => { take(chosenFiles(event.currentTarget.files)); event.currentTarget.value = ""; }} />
    </Box>
  );
}
