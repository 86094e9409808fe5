/** Adding data: drop, look at what was understood, send with progress, see what came of it. */
import { Alert, Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { type Sent, upload } from "../../api/client.ts";
import { projectKey } from "../../api/live.ts";
import { asProblem } from "../../api/problem.ts";
import type { Project } from "../../api/types.ts";
import { type Dropped, kindOf } from "../../core/files.ts";
import { ErrorNote, Icon } from "../../parts/index.tsx";
import { bytes, count, percent } from "../../parts/numbers.ts";
import { DropZone } from "./DropZone.tsx";
import { FilesLook } from "./FilesLook.tsx";
import { type Mapping, TableLook } from "./TableLook.tsx";

export interface Added {
  created: number;
  existing: number;
}

type Stage = { at: "empty" } | { at: "chosen"; dropped: Dropped[] } | { at: "sending"; sent: Sent; dropped: Dropped[] } | { at: "done"; added: Added };

/** The address of an import with what was said about its columns. */
function address(projectId: number, mapping: Mapping): string {
  const query = new URLSearchParams(Object.entries(mapping).filter((pair): pair is [string, string] => Boolean(pair[1])));
  return `/api/v1/projects/${projectId}/items?${query.toString()}`;
}

function bodyOf(dropped: readonly Dropped[]): FormData {
  const body = new FormData();
  for (const { path, file } of dropped) body.append("files", file, path);
  return body;
}

export function Adder({ project, done }: { project: Project; done?: (added: Added) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage>({ at: "empty" });
  const [mapping, setMapping] = useState<Mapping>({});
  const [error, setError] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  const take = (dropped: Dropped[]) => {
    setError(null);
    setMapping({});
    if (dropped.length > 0) setStage({ at: "chosen", dropped });
  };
  const send = async (dropped: Dropped[]) => {
    setError(null);
    stop.current = new AbortController();
    setStage({ at: "sending", dropped, sent: { fraction: 0, done: false } });
    try {
      const added = await upload<Added>(address(project.id, mapping), bodyOf(dropped), (sent) => setStage({ at: "sending", dropped, sent }), stop.current.signal);
      setStage({ at: "done", added });
      void client.invalidateQueries({ queryKey: projectKey(project.id) });
      done?.(added);
    } catch (caught) {
      if (asProblem(caught).code !== "aborted") setError(caught);
      setStage({ at: "chosen", dropped });
    }
  };
  return (
    <Stack>
      {stage.at === "empty" && <DropZone modality={project.modality} take={take} />}
      {(stage.at === "chosen" || stage.at === "sending") && <Chosen project={project} dropped={stage.dropped} mapping={mapping} setMapping={setMapping} />}
      {stage.at === "sending" && <Sending sent={stage.sent} dropped={stage.dropped} cancel={() => stop.current?.abort()} />}
      {stage.at === "done" && <Done added={stage.added} more={() => setStage({ at: "empty" })} />}
      <ErrorNote error={error} />
      {stage.at === "chosen" && (
        <Group justify="flex-end">
          <Button variant="default" onClick={() => { setStage({ at: "empty" }); setError(null); }}>{t("wizard:other_files")}</Button>
          <Button leftSection={<Icon name="upload" size={16} />} onClick={() => void send(stage.dropped)}>{t("wizard:add_these")}</Button>
        </Group>
      )}
    </Stack>
  );
}

function Chosen({ project, dropped, mapping, setMapping }: { project: Project; dropped: Dropped[]; mapping: Mapping; setMapping: (mapping: Mapping) => void }) {
  const { t } = useTranslation();
  const kind = kindOf(dropped);
  const size = dropped.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <Paper withBorder p="md">
      <Group gap="xs" mb="sm"><Icon name={kind === "files" ? "folder" : "file"} /><Text fw={600}>{dropped.length === 1 ? dropped[0]?.path : t("wizard:files_n", { count: dropped.length })}</Text><Text c="dimmed" size="sm">{bytes(size)}</Text></Group>
      {kind === "table" && dropped[0] && <TableLook key={dropped[0].path} project={project} dropped={dropped[0]} mapping={mapping} setMapping={setMapping} />}
      {kind === "archive" && <Text size="sm" c="dimmed">{t("wizard:archive_hint")}</Text>}
      {kind === "files" && <FilesLook modality={project.modality} dropped={dropped} mapping={mapping} setMapping={setMapping} />}
    </Paper>
  );
}

function Sending({ sent, dropped, cancel }: { sent: Sent; dropped: Dropped[]; cancel: () => void }) {
  const { t } = useTranslation();
  const words = sent.done ? t("wizard:reading") : t("wizard:sending", { share: percent(sent.fraction, 0) });
  return (
    <Paper withBorder p="md" role="status">
      <Group justify="space-between" mb="xs"><Text fw={600}>{words}</Text><Text size="sm" c="dimmed">{t("wizard:files_n", { count: dropped.length })}</Text></Group>
      <Progress value={sent.fraction * 100} animated={sent.done} aria-label={words} />
      {!sent.done && <Button mt="sm" size="xs" variant="default" onClick={cancel}>{t("common:cancel")}</Button>}
    </Paper>
  );
}

function Done({ added, more }: { added: Added; more: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="gray" icon={<Icon name="check" />} title={t("wizard:added", { count: added.created, shown: count(added.created) })} role="status">
      {added.existing > 0 && <Text size="sm">{t("wizard:existing", { count: added.existing })}</Text>}
      <Button mt="xs" size="xs" variant="default" onClick={more}>{t("wizard:add_more")}</Button>
    </Alert>
  );
}
