/** A part of a page with its own heading: what it is about at the left, what to do at the right, on phones beneath. */
import { Box, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <Box component="section" py="lg" style={{ borderTop: "1px solid var(--mg-line)", display: "grid", gap: "12px 32px", gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 280px), 1fr))" }}>
      <Box maw={360}>
        <Title order={2} className="mg-phrase">{title}</Title>
        {note && <Text c="dimmed" size="sm" mt={4} className="mg-phrase" component="div">{note}</Text>}
      </Box>
      <Box style={{ gridColumn: "span 1", minWidth: 0 }}>{children}</Box>
    </Box>
  );
}
