/** A picture with its numbers one click away and an SVG to take along. */
import { ActionIcon, Box, Group, Paper, SegmentedControl, Table, Text, Tooltip } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "./Icon.tsx";

export interface Numbers {
  head: string[];
  rows: (string | number)[][];
}

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "fill-opacity", "font-size", "font-family", "font-weight", "text-anchor", "dominant-baseline"];

/** The picture as a file of its own: the colours of the moment written into it. */
function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    const words = KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    copies[index]?.setAttribute("style", words);
    copies[index]?.removeAttribute("class");
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(Math.round(width)));
  copy.setAttribute("height", String(Math.round(height)));
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

export function saveFile(name: string, content: string, mime: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: mime }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function Picture({ title, note, file, numbers, children }: { title: string; note?: ReactNode; file: string; numbers: Numbers; children: ReactNode }) {
  const { t } = useTranslation();
  const [face, setFace] = useState<"chart" | "table">("chart");
  const box = useRef<HTMLDivElement>(null);
  const save = () => {
    const svg = box.current?.querySelector<SVGSVGElement>("svg[data-picture]");
    if (svg) saveFile(`${file}.svg`, standalone(svg), "image/svg+xml");
  };
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Group justify="space-between" mb="xs" gap="xs" align="flex-start">
        <Box style={{ flex: "1 1 180px" }}>
          <Text component="h2" fw={650} m={0} fz="md">{title}</Text>
          {note && <Text size="sm" c="dimmed">{note}</Text>}
        </Box>
        <Group gap={4} wrap="nowrap">
          <SegmentedControl size="xs" value={face} onChange={(value) => setFace(value === "table" ? "table" : "chart")} aria-label={title} data={[{ value: "chart", label: t("common:as_chart") }, { value: "table", label: t("common:as_table") }]} />
          <Tooltip label={t("common:download_svg")}>
            <ActionIcon variant="subtle" color="gray" size={36} onClick={save} disabled={face !== "chart"} aria-label={t("common:download_svg")}><Icon name="download" /></ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {face === "chart" ? <div ref={box}>{children}</div> : <Sheet numbers={numbers} />}
    </Paper>
  );
}

function Sheet({ numbers }: { numbers: Numbers }) {
  return (
    <Table.ScrollContainer minWidth={320}>
      <Table striped={false} fz="sm">
        <Table.Thead><Table.Tr>{numbers.head.map((name) => <Table.Th key={name}>{name}</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>
          {numbers.rows.map((row, index) => (
            <Table.Tr key={index}>{row.map((cell, column) => <Table.Td key={column} className="mg-num">{cell}</Table.Td>)}</Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
