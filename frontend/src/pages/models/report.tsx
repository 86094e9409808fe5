/** One model: what it can do, where it fails, and what it was made from. */
import { Anchor, Button, Grid, Group, Paper, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useRights } from "../../api/session.ts";
import { useProjectId } from "../../app/router.tsx";
import { Empty, Fetched, Icon, Loading, Page } from "../../parts/index.tsx";
import { count, decimal, interval, moment, percent } from "../../parts/numbers.ts";
import { Picture } from "../../parts/Picture.tsx";
import { Calibration } from "./Calibration.tsx";
import { Errors } from "./Errors.tsx";
import { Heatmap } from "./Heatmap.tsx";
import { Promote } from "./Promote.tsx";
import { modelsQuery, reportQuery } from "./queries.ts";
import { gateSays } from "./say.ts";
import type { ModelReport, QuestionReport, Verdict } from "./types.ts";

export default function Report() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const { modelId } = useParams({ strict: false });
  const query = useQuery(reportQuery(projectId, Number(modelId)));
  const { manage } = useRights(projectId);
  const model = query.data;
  return (
    <Page
      title={model ? t("models:model_n", { n: model.number }) : " "}
      note={<Anchor component={Link} to=".." size="sm">{t("models:back_to_all")}</Anchor>}
      actions={model && <><CompareWithChampion model={model} projectId={projectId} />{manage && !model.is_champion && <Promote model={model} projectId={projectId} />}</>}
    >
      <Fetched query={query} loading={<Loading rows={3} height={200} gap={16} />}>{(found) => <Told model={found} projectId={projectId} />}</Fetched>
    </Page>
  );
}

function CompareWithChampion({ model, projectId }: { model: ModelReport; projectId: number }) {
  const { t } = useTranslation();
  const { data } = useQuery(modelsQuery(projectId));
  const champion = data?.champion;
  if (champion == null || champion === model.id) return null;
  return <Button size="xs" variant="default" component={Link} to="/projects/$projectId/models/compare" params={{ projectId: String(projectId) } as never} search={{ a: champion, b: model.id } as never}>{t("models:compare_champion")}</Button>;
}

function Told({ model, projectId }: { model: ModelReport; projectId: number }) {
  const { t } = useTranslation();
  const all = [model.report, ...(model.others ?? [])].filter((each): each is QuestionReport => each !== null);
  const [chosen, setChosen] = useState(0);
  const report = all[chosen];
  return (
    <Stack gap="lg">
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}><VerdictNote verdict={model.verdict} /></Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}><Lineage model={model} /></Grid.Col>
      </Grid>
      {all.length > 1 && <SegmentedControl value={String(chosen)} onChange={(value) => setChosen(Number(value))} data={all.map(({ question }, index) => ({ value: String(index), label: question }))} style={{ alignSelf: "flex-start" }} />}
      {report ? <Details report={report} projectId={projectId} /> : <Empty icon="clock" title={t("models:not_measured")}>{t("models:not_measured_text")}</Empty>}
    </Stack>
  );
}

function VerdictNote({ verdict }: { verdict: Verdict | null }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="md" h="100%">
      <Text component="h2" m={0} fw={650} mb="xs">{verdict ? t(verdict.passed ? "models:gate_passed" : "models:gate_refused") : t("models:not_judged")}</Text>
      <Stack gap={8}>
        {verdict?.reasons.map((reason) => (
          <Group key={reason.gate} gap={8} wrap="nowrap" align="flex-start">
            <Text c={reason.passed ? "var(--mg-good)" : "var(--mg-bad)"} mt={2} component="span"><Icon name={reason.passed ? "check" : "close"} size={16} /></Text>
            <Text size="sm">{gateSays(t, reason)}</Text>
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

function Lineage({ model }: { model: ModelReport }) {
  const { t } = useTranslation();
  const rows = [
    [t("models:made"), moment(model.created_at)],
    [t("models:labels"), count(model.labels)],
    [t("models:round"), count(model.round)],
    [t("models:dataset"), model.dataset_version == null ? "–" : `#${model.dataset_version}`],
    [t("models:features"), model.features],
    [t("models:test_labels"), count(model.test_labels)],
  ];
  return (
    <Paper withBorder p="md" h="100%">
      <Text component="h2" m={0} fw={650} mb="xs">{t("models:lineage")}</Text>
      <Table fz="sm" withRowBorders={false} verticalSpacing={3}>
        <Table.Tbody>{rows.map(([name, value]) => <Table.Tr key={name}><Table.Th fw={400} c="dimmed" pl={0} w="45%">{name}</Table.Th><Table.Td className="mg-num">{value}</Table.Td></Table.Tr>)}</Table.Tbody>
      </Table>
    </Paper>
  );
}

function Details({ report, projectId }: { report: QuestionReport; projectId: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      <Group gap="xl">
        {Object.entries(report.metrics).map(([name, { value, low, high }]) => (
          <div key={name}>
            <Text size="sm" c="dimmed">{t(`models:metric.${name}`, { defaultValue: name })}</Text>
            <Text fw={650} fz="xl" className="mg-num">{percent(value)}</Text>
            <Text size="xs" c="dimmed" className="mg-num">{interval(low, high)}</Text>
          </div>
        ))}
      </Group>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}><Confused report={report} /></Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}><Calibrated report={report} /></Grid.Col>
      </Grid>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}><Classes report={report} /></Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}><Slices report={report} /></Grid.Col>
      </Grid>
      <Errors report={report} projectId={projectId} />
    </Stack>
  );
}

function Confused({ report: { confusion } }: { report: QuestionReport }) {
  const { t } = useTranslation();
  const { classes, matrix, options = [] } = confusion;
  if (matrix.length === 0) return <Several classes={classes} options={options} />;
  const numbers = { head: ["", ...classes], rows: matrix.map((row, index) => [classes[index] ?? "", ...row]) };
  return <Picture title={t("models:confusion")} note={t("models:confusion_note")} file="confusion" numbers={numbers}><Heatmap classes={classes} matrix={matrix} /></Picture>;
}

/** With several options an answer there is no single confusion; each option is counted on its own. */
function Several({ classes, options }: { classes: string[]; options: Record<string, number>[] }) {
  const { t } = useTranslation();
  return (
    <Block title={t("models:confusion")} head={[t("models:class"), t("models:found"), t("models:missed"), t("models:too_much")]}>
      {options.map(({ both = 0, truth = 0, answer = 0 }, index) => <Row key={classes[index]} cells={[classes[index] ?? "", count(both), count(truth - both), count(answer - both)]} />)}
    </Block>
  );
}

function Calibrated({ report: { calibration } }: { report: QuestionReport }) {
  const { t } = useTranslation();
  const numbers = {
    head: [t("models:score"), t("models:right"), t("models:items")],
    rows: calibration.map(({ score, right, items }) => [percent(score), percent(right), count(items)]),
  };
  return <Picture title={t("models:calibration")} note={t("models:calibration_note")} file="calibration" numbers={numbers}><Calibration bands={calibration} /></Picture>;
}

function Block({ title, note, head, children }: { title: string; note?: string; head: string[]; children: React.ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" h="100%">
      <Text component="h2" m={0} fw={650}>{title}</Text>
      {note && <Text size="sm" c="dimmed">{note}</Text>}
      <Table.ScrollContainer minWidth={320}>
        <Table fz="sm" mt="xs"><Table.Thead><Table.Tr>{head.map((name) => <Table.Th key={name}>{name}</Table.Th>)}</Table.Tr></Table.Thead><Table.Tbody>{children}</Table.Tbody></Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Row({ cells }: { cells: string[] }) {
  return <Table.Tr>{cells.map((cell, index) => <Table.Td key={index} className={index ? "mg-num" : undefined}>{cell}</Table.Td>)}</Table.Tr>;
}

function Classes({ report }: { report: QuestionReport }) {
  const { t } = useTranslation();
  const three = (value: number | null) => (value === null ? "–" : decimal(value));
  return (
    <Block title={t("models:per_class")} head={[t("models:class"), t("models:items"), t("models:precision"), t("models:recall"), t("models:f1")]}>
      {report.per_class.map(({ name, items, precision, recall, f1 }) => <Row key={name} cells={[name, count(items), three(precision), three(recall), three(f1)]} />)}
    </Block>
  );
}

function Slices({ report }: { report: QuestionReport }) {
  const { t } = useTranslation();
  const rows = [...report.slices].sort((a, b) => a.accuracy - b.accuracy);
  return (
    <Block title={t("models:slices")} note={t("models:slices_note")} head={[t("models:slice"), t("models:items"), t("models:accuracy"), t("models:interval")]}>
      {rows.map(({ slice, items, accuracy, low, high }) => <Row key={slice} cells={[slice.startsWith("=") ? t("models:slice_class", { name: slice.slice(1) }) : slice.replace("=", ": "), count(items), percent(accuracy), interval(low, high)]} />)}
    </Block>
  );
}
