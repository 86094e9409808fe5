/** A part of a page with its own heading: what it is about at the left, what to do at the right, on phones beneath. */
import { Box, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./Section.module.css";

export function Section({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={title}>
      <Box maw={360}>
        <Title order={2} className="mg-phrase">{title}</Title>
        {note && <Text c="dimmed" size="sm" mt={4} className="mg-phrase" component="div">{note}</Text>}
      </Box>
      <Box miw={0}>{children}</Box>
    </section>
  );
}
