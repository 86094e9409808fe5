/** The first rows of a table, and which column is what. */
import { Box, Group, Select, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import { upload } from "../../api/client.ts";
import { asProblem, placeSays } from "../../api/problem.ts";
import type { components } from "../../api/schema.ts";
import type { Project } from "../../api/types.ts";
import { type Dropped, head } from "../../core/files.ts";
import { ErrorNote } from "../../parts/index.tsx";

/** The query of an import: which column is what, which question the labels answer, whether folders are labels. */
export interface Mapping {
  text_column?: string | null;
  label_column?: string | null;
  key_column?: string | null;
  question?: string | null;
  folders?: string | null;
  encoding?: string | null;
}

type Preview = components["schemas"]["PreviewOut"];

/** Encodings by the names people know. */
const ENCODINGS: Record<string, string> = { cp932: "Shift_JIS", euc_jp: "EUC-JP", "utf-16": "UTF-16", cp1252: "Windows-1252" };
const LOOK = 1_000_000; // bytes of a large file that are sent to be looked at

interface Looked {
  preview: Preview;
  /** Not UTF-8: what the server took it for. */
  encoding: string | null;
}

async function look(project: Project, { file, path }: Dropped): Promise<Looked | null> {
  const part = head(file, path, new Uint8Array(await file.slice(0, LOOK).arrayBuffer()));
  if (!part) return null;
  const send = (query: string) => {
    const body = new FormData();
    body.append("files", part, path);
    return upload<Preview>(`/api/v1/projects/${project.id}/items/preview${query}`, body);
  };
  try {
    const preview = await send("");
    const wrong = likely(preview.problems[0]);
    return wrong ? { preview: await send(`?encoding=${wrong}`), encoding: wrong } : { preview, encoding: null };
  } catch (error) {
    const wrong = likely(asProblem(error));
    if (!wrong) throw error;
    return { preview: await send(`?encoding=${wrong}`), encoding: wrong };
  }
}

/** The encoding that a file in another one most likely has; spreadsheets in Japan still write Shift_JIS. */
function likely(problem: { code?: unknown; params?: unknown } | undefined): string | null {
  if (problem?.code !== "formats.encoding") return null;
  const found = (problem.params as { likely?: unknown } | undefined)?.likely;
  return typeof found === "string" ? found : null;
}

/** A column that holds nothing but options of a question is its labels, whatever it is called. */
function labelsIn({ columns, rows }: Preview, { questions }: Project): string | null {
  const known = new Set(questions.flatMap(({ options = [] }) => options.map(({ name }) => name)));
  const fits = (column: string) => {
    const values = rows.map((row) => row[column]).filter((value) => value != null && value !== "");
    return values.length > 0 && values.every((value) => typeof value === "string" && known.has(value));
  };
  return columns.find(fits) ?? null;
}

const COLUMNS = ["text", "label", "key"] as const;
type Column = (typeof COLUMNS)[number];

export function TableLook({ project, dropped, mapping, setMapping }: { project: Project; dropped: Dropped; mapping: Mapping; setMapping: (mapping: Mapping) => void }) {
  const query = useQuery({
    queryKey: ["look", project.id, dropped.path, dropped.file.size, dropped.file.lastModified],
    queryFn: () => look(project, dropped),
    retry: false,
    gcTime: 0,
  });
  const looked = query.data;
  useEffect(() => {
    if (!looked) return;
    const { preview, encoding } = looked;
    const { guessed } = preview;
    setMapping({ encoding, text_column: guessed.text, label_column: guessed.label ?? labelsIn(preview, project), key_column: guessed.key });
    // Only when a new guess came; afterwards the person decides.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [looked]);
  if (query.isPending) return <Skeleton height={220} />;
  if (query.error) return <ErrorNote error={query.error} />;
  if (!query.data) return null;
  return <Columns project={project} preview={query.data.preview} mapping={mapping} setMapping={setMapping} />;
}

function Columns({ project, preview, mapping, setMapping }: { project: Project; preview: Preview; mapping: Mapping; setMapping: (mapping: Mapping) => void }) {
  const { t } = useTranslation();
  const set = (column: Column, value: string | null) => setMapping({ ...mapping, [`${column}_column`]: value });
  const chosen = (column: Column) => mapping[`${column}_column`] ?? null;
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        {COLUMNS.map((column) => (
          <Select key={column} label={t(`wizard:column_${column}_${project.modality}`, { defaultValue: t(`wizard:column_${column}`) })} data={preview.columns} value={chosen(column)} onChange={(value) => set(column, value)} clearable={column !== "text"} placeholder={t("common:none")} w={200} comboboxProps={{ withinPortal: true }} />
        ))}
        {project.questions.length > 1 && chosen("label") && (
          <Select label={t("wizard:labels_answer")} data={project.questions.map(({ name, title }) => ({ value: name, label: title ?? name }))} value={mapping.question ?? project.questions[0]?.name ?? null} onChange={(value) => setMapping({ ...mapping, question: value })} w={200} />
        )}
      </Group>
      {mapping.encoding && <Text size="sm" c="dimmed">{t("wizard:read_as", { encoding: ENCODINGS[mapping.encoding] ?? mapping.encoding })}</Text>}
      <Sheet preview={preview} role={(name) => COLUMNS.find((column) => chosen(column) === name)} />
      {preview.problems.length > 0 && (
        <Box c="var(--mg-warn)">{preview.problems.slice(0, 5).map((place, index) => <Text size="sm" key={index}>{placeSays(t, place)}</Text>)}</Box>
      )}
    </Stack>
  );
}

function cell(value: unknown): string {
  if (value == null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Sheet({ preview, role }: { preview: Preview; role: (column: string) => Column | undefined }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={Math.max(360, preview.columns.length * 130)} mah={300}>
      <Table fz="sm" withRowBorders verticalSpacing={4} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {preview.columns.map((name) => {
              const is = role(name);
              return <Table.Th key={name} c={is ? undefined : "dimmed"}>{name}{is && <Text size="xs" c="var(--mg-accent-text)">{t(`wizard:is_${is}`)}</Text>}</Table.Th>;
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.rows.slice(0, 20).map((row, index) => (
            <Table.Tr key={index}>{preview.columns.map((name) => <Table.Td key={name} c={role(name) ? undefined : "dimmed"} maw={360}><Text size="sm" lineClamp={2} c="inherit">{cell(row[name])}</Text></Table.Td>)}</Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
