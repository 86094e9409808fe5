/** The next thing that needs the person who looks. */
import { Button, Group, Paper, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { RingState } from "../../api/types.ts";
import { count } from "../../parts/numbers.ts";

type Where = "work" | "reviews" | "models" | "data";
const WHERE: Record<string, Where> = { work: "work", label: "work", selection: "work", tasks: "work", review: "reviews", reviews: "reviews", confirm: "models", promote: "models", promotion: "models", items: "data", data: "data" };

export function ForMe({ ring, projectId }: { ring: RingState | undefined; projectId: number }) {
  const { t } = useTranslation();
  const next = ring?.next_for_me ?? (ring?.step?.code === "loop.wait.items" ? { kind: "items", count: 0 } : null);
  if (!next || (next.count === 0 && next.kind !== "items")) return null;
  const where = WHERE[next.kind] ?? "work";
  return (
    <Paper withBorder p="md" style={{ borderLeft: "3px solid var(--mg-accent)" }}>
      <Group justify="space-between" gap="sm">
        <div>
          <Text fw={650}>{t(`ring:for_me_${where}`, { count: next.count, shown: count(next.count) })}</Text>
          <Text size="sm" c="dimmed">{t(`ring:for_me_${where}_why`)}</Text>
        </div>
        <Button component={Link} to={`/projects/$projectId/${where}`} params={{ projectId: String(projectId) } as never}>{t(`ring:for_me_${where}_go`)}</Button>
      </Group>
    </Paper>
  );
}
