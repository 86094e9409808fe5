/** The worst errors, the surest first: a look at them teaches more than any number. */
import { Button, Card, Group, Image, SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useProject } from "../../app/project.ts";
import { Empty } from "../../parts/index.tsx";
import { percent } from "../../parts/numbers.ts";
import { valueSays } from "./say.ts";
import type { QuestionReport, Wrong } from "./types.ts";

const FIRST = 12;

export function Errors({ report, projectId }: { report: QuestionReport; projectId: number }) {
  const { t } = useTranslation();
  const { data: project } = useProject(projectId);
  const [all, setAll] = useState(false);
  const shown = all ? report.worst : report.worst.slice(0, FIRST);
  return (
    <section>
      <Text component="h2" m={0} fw={650}>{t("models:worst")}</Text>
      <Text size="sm" c="dimmed" mb="sm">{t("models:worst_note")}</Text>
      {shown.length === 0 && <Empty icon="check" title={t("models:worst_none")} />}
      <SimpleGrid cols={{ base: 2, sm: 3, md: 4, lg: 6 }} spacing="sm">
        {shown.map((wrong) => <One key={wrong.item} wrong={wrong} picture={project?.modality === "image"} projectId={projectId} />)}
      </SimpleGrid>
      {!all && report.worst.length > FIRST && <Group justify="center" mt="md"><Button variant="default" onClick={() => setAll(true)}>{t("common:show_more")}</Button></Group>}
    </section>
  );
}

export function ItemFace({ item, text, picture, projectId, size = 112 }: { item: number; text: string | null; picture: boolean; projectId: number; size?: number }) {
  const { t } = useTranslation();
  if (picture) return <Image src={`/api/v1/projects/${projectId}/items/${item}/thumbnail?size=256`} alt={t("models:item_n", { n: item })} h={size} fit="contain" bg="var(--mg-sunken)" radius="sm" loading="lazy" style={{ imageRendering: "auto" }} />;
  return <Text size="sm" lineClamp={5} mih={size}>{text}</Text>;
}

function One({ wrong, picture, projectId }: { wrong: Wrong; picture: boolean; projectId: number }) {
  const { t } = useTranslation();
  return (
    <Card padding="sm" className="mg-lift" pos="relative">
      <ItemFace item={wrong.item} text={wrong.text} picture={picture} projectId={projectId} />
      <Text size="sm" mt={8}>
        <Link className="mg-plain mg-cover" to="/projects/$projectId/items/$itemId" params={{ projectId: String(projectId), itemId: String(wrong.item) }}>
          <Text span c="dimmed" size="xs">{t("models:truth")}</Text> <b>{valueSays(wrong.truth)}</b>
        </Link>
      </Text>
      <Text size="sm"><Text span c="dimmed" size="xs">{t("models:answer")}</Text> <Text span c="var(--mg-bad)" fw={600}>{valueSays(wrong.answer)}</Text> <Text span size="xs" c="dimmed" className="mg-num">{percent(wrong.score, 0)}</Text></Text>
    </Card>
  );
}
