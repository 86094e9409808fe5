/** What a heap of files holds: a few of them, and the folders that may be labels. */
import { Badge, Group, Image, Stack, Switch, Text } from "@mantine/core";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { Modality } from "../../api/types.ts";
import { areClasses, type Dropped, folders } from "../../core/files.ts";
import { count } from "../../parts/numbers.ts";
import type { Mapping } from "./TableLook.tsx";

const SHOWN = 8;
const FOLDERS = 24;

function useThumbs(dropped: readonly Dropped[]): { url: string; path: string }[] {
  const thumbs = useMemo(
    () => dropped.filter(({ file }) => file.type.startsWith("image/")).slice(0, SHOWN).map(({ file, path }) => ({ path, url: URL.createObjectURL(file) })),
    [dropped],
  );
  useEffect(() => () => thumbs.forEach(({ url }) => URL.revokeObjectURL(url)), [thumbs]);
  return thumbs;
}

export function FilesLook({ modality, dropped, mapping, setMapping }: { modality: Modality; dropped: Dropped[]; mapping: Mapping; setMapping: (mapping: Mapping) => void }) {
  const { t } = useTranslation();
  const thumbs = useThumbs(dropped);
  const found = folders(dropped);
  const classes = areClasses(dropped);
  const odd = modality === "image" ? dropped.filter(({ file }) => file.type && !file.type.startsWith("image/")).length : 0;
  return (
    <Stack gap="sm">
      {thumbs.length > 0 && <Group gap="xs">{thumbs.map(({ url, path }) => <Image key={path} src={url} alt={path} w={72} h={72} fit="contain" radius="sm" bg="var(--mg-sunken)" />)}</Group>}
      {classes && (
        <>
          <Switch checked={mapping.folders !== "no"} onChange={(event) => setMapping({ ...mapping, folders: event.currentTarget.checked ? "yes" : "no" })} label={t("wizard:folders_are_labels")} description={t("wizard:folders_are_labels_hint")} />
          {mapping.folders !== "no" && <Group gap={6}>{found.slice(0, FOLDERS).map(({ name, count: many }) => <Badge key={name} variant="default" tt="none" fw={500}>{name} · {count(many)}</Badge>)}</Group>}
        </>
      )}
      {odd > 0 && <Text size="sm" c="var(--mg-warn)">{t("wizard:odd_files", { count: odd })}</Text>}
    </Stack>
  );
}
