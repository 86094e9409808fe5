import { Checkbox, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { annotatorOf } from "../../annotators/index.ts";
import { same } from "../../core/history.ts";
import { percent } from "../../parts/numbers.ts";
import type { ListProps } from "./Grid.tsx";
import classes from "./Items.module.css";
import { Thumb } from "./Thumb.tsx";

export function List({ projectId, rows, question, picked, pick }: ListProps) {
  const { t } = useTranslation();
  const { Viewer } = annotatorOf(question.type);
  return (
    <div style={{ overflowX: "auto" }}>
      <Table verticalSpacing={6} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {pick && <Table.Th w={44} />}
            <Table.Th>{t("items:item")}</Table.Th>
            <Table.Th visibleFrom="md">{t("items:split")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("items:state")}</Table.Th>
            <Table.Th>{t("items:label")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("items:model")}</Table.Th>
            <Table.Th ta="end" visibleFrom="md">{t("items:answers")}</Table.Th>
            <Table.Th ta="end" visibleFrom="md">{t("items:disagreement")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((item) => {
            const agreed = item.consensus[question.name];
            const said = item.suggestion[question.name];
            return (
              <Table.Tr key={item.id} bg={picked.has(item.id) ? "var(--mg-sunken)" : undefined}>
                {pick && <Table.Td><Checkbox checked={picked.has(item.id)} onChange={() => undefined} onClick={(event) => pick(item.id, event.shiftKey)} aria-label={t("items:pick", { name: item.key ?? item.id })} /></Table.Td>}
                <Table.Td>
                  <Link to="/projects/$projectId/items/$itemId" params={{ projectId: String(projectId), itemId: String(item.id) }} className="mg-plain" aria-label={item.text == null ? t("items:open", { name: item.key ?? item.id }) : undefined}>
                    {item.text == null ? <Thumb item={item} className={classes.thumb} /> : <div className={classes.excerpt}>{item.text}</div>}
                    <Text size="xs" c="dimmed">{item.key}</Text>
                  </Link>
                </Table.Td>
                <Table.Td visibleFrom="md">{t(`items:split_${item.split}`, { defaultValue: item.split })}</Table.Td>
                <Table.Td visibleFrom="sm">{t(`items:state_${item.state}`)}</Table.Td>
                <Table.Td>{agreed && <><Viewer question={question} value={agreed.value} /> <Text span size="xs" c="dimmed">{percent(agreed.confidence, 0)}</Text></>}</Table.Td>
                <Table.Td visibleFrom="sm" c={agreed && said && !same(agreed.value, said.value) ? "var(--mg-warn)" : undefined}>{said && <><Viewer question={question} value={said.value} /> <Text span size="xs" c="dimmed">{percent(said.score, 0)}</Text></>}</Table.Td>
                <Table.Td ta="end" visibleFrom="md" className="mg-num">{agreed?.answers}</Table.Td>
                <Table.Td ta="end" visibleFrom="md" className="mg-num">{agreed && percent(agreed.disagreement, 0)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
