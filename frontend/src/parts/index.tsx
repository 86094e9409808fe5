/** What every page is made of: titles, empty states, errors, skeletons. */
import { Alert, Box, Button, Group, List, Skeleton, Stack, Text, Title } from "@mantine/core";
import { type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { asProblem, placeSays, sayProblem } from "../api/problem.ts";
import { Icon, type IconName } from "./Icon.tsx";

export { Icon, type IconName } from "./Icon.tsx";
export { Mark } from "./Mark.tsx";

/** A page's body: title at the left, its actions at the right, quiet line beneath. */
export function Page({ title, note, actions, children, wide = false }: { title: ReactNode; note?: ReactNode; actions?: ReactNode; children: ReactNode; wide?: boolean }) {
  return (
    <div className="mg-page" style={wide ? { maxWidth: "none" } : undefined}>
      <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
        <Box style={{ flex: "1 1 240px" }}>
          <Title order={1} className="mg-phrase">{title}</Title>
          {note && <Text c="dimmed" mt={4} className="mg-phrase">{note}</Text>}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </div>
  );
}

/** Nothing here yet: what it will hold, and what to do next. */
export function Empty({ icon = "ring", title, children, action }: { icon?: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <Box c="dimmed"><Icon name={icon} size={36} /></Box>
      <Text fw={600} size="lg" className="mg-phrase">{title}</Text>
      {children && <Text c="dimmed" maw={460} component="div" className="mg-phrase">{children}</Text>}
      {action && <Box mt="sm">{action}</Box>}
    </Stack>
  );
}

/** A refusal in words, with the rows or fields at fault, and a way to try again. */
export function ErrorNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  if (error == null) return null;
  const problem = asProblem(error);
  const places = problem.where.slice(0, 8).map((place) => placeSays(t, place));
  return (
    <Alert color="vermilion" variant="light" icon={<Icon name="warn" />} role="alert">
      <Text fw={600} size="sm">{sayProblem(t, error)}</Text>
      {places.length > 0 && <List size="sm" mt={4}>{places.map((place) => <List.Item key={place}>{place}</List.Item>)}</List>}
      {problem.where.length > 8 && <Text size="sm" mt={4}>{t("common:and_more", { count: problem.where.length - 8 })}</Text>}
      {retry && <Button mt="xs" size="xs" variant="default" onClick={retry} leftSection={<Icon name="retry" size={14} />}>{t("common:try_again")}</Button>}
    </Alert>
  );
}

/** Room kept for what is on its way, so that nothing jumps when it comes. */
export function Loading({ rows = 4, height = 56, gap = 8 }: { rows?: number; height?: number; gap?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap={gap} aria-busy="true" aria-label={t("common:loading")} role="status">
      {Array.from({ length: rows }, (_, index) => <Skeleton key={index} height={height} radius="md" />)}
    </Stack>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** A query's three faces in one place: on its way, refused, here. */
export function Fetched<T>({ query, children, loading }: { query: Asked<T>; children: (data: T) => ReactNode; loading?: ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending && query.error == null) return <>{loading ?? <Loading />}</>;
  return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
}

/** A key as it is printed on the keyboard. */
export function Key({ children }: { children: ReactNode }) {
  return <Box component="kbd" fz={11} px={5} py={1} bd="1px solid var(--mg-line)" bdrs="sm" c="dimmed" bg="var(--mg-sunken)" style={{ fontFamily: "inherit", lineHeight: 1.3 }}>{children}</Box>;
}
