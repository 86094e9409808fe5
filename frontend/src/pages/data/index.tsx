/** Data in, labels out. */
import { Button, Grid, Group, Paper, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { Fetched, Icon, Loading, Page } from "../../parts/index.tsx";
import { Adder } from "./Adder.tsx";

const FORMATS = ["jsonl", "csv", "folder"] as const;
const SPLITS = ["all", "train", "test"] as const;

export default function Data() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const project = useProject(projectId);
  return (
    <Page title={t("wizard:data_title")}>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Text component="h2" m={0} fw={650} mb="xs">{t("wizard:data_in")}</Text>
          <Fetched query={project} loading={<Loading rows={1} height={240} />}>{(found) => <Adder project={found} />}</Fetched>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Text component="h2" m={0} fw={650} mb="xs">{t("wizard:data_out")}</Text>
          <Export projectId={projectId} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function Export({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<string>("jsonl");
  const [split, setSplit] = useState<string>("all");
  const query = new URLSearchParams({ format, ...(split !== "all" && { split }) });
  return (
    <Paper withBorder p="md">
      <Stack>
        <SegmentedControl value={format} onChange={setFormat} data={FORMATS.map((name) => ({ value: name, label: t(`wizard:format_${name}`) }))} aria-label={t("wizard:format")} />
        <Text size="sm" c="dimmed">{t(`wizard:format_${format}_hint`)}</Text>
        <Select label={t("wizard:which_split")} value={split} onChange={(value) => setSplit(value ?? "all")} data={SPLITS.map((name) => ({ value: name, label: t(`wizard:split_${name}`) }))} allowDeselect={false} />
        <Group><Button component="a" href={`/api/v1/projects/${projectId}/export?${query.toString()}`} download leftSection={<Icon name="download" size={16} />}>{t("wizard:download")}</Button></Group>
      </Stack>
    </Paper>
  );
}
