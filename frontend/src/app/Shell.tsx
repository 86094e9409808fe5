/** The frame: a quiet bar above, the project's pages at the left, on phones below. While working there is only the bar. */
import { ActionIcon, Box, Group, NavLink, Stack, Text, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useMatchRoute, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "../api/live.ts";
import { asProblem } from "../api/problem.ts";
import { type Rights, useMe, useRights } from "../api/session.ts";
import { speak } from "../i18n/index.ts";
import { Icon, type IconName, Mark } from "../parts/index.tsx";
import { Missing } from "./Faces.tsx";
import { projectQuery } from "./project.ts";
import classes from "./Shell.module.css";

// What opens on demand is loaded after the first picture.
const Account = lazy(() => import("./Account.tsx"));
const Rest = lazy(() => import("./Rest.tsx"));

export interface Place {
  name: string;
  to: "/projects/$projectId" | `/projects/$projectId/${"work" | "reviews" | "items" | "models" | "people" | "data" | "jobs" | "settings"}`;
  icon: IconName;
  right: keyof Rights;
}

const PLACES: Place[] = [
  { name: "ring", to: "/projects/$projectId", icon: "ring", right: "view" },
  { name: "work", to: "/projects/$projectId/work", icon: "work", right: "label" },
  { name: "reviews", to: "/projects/$projectId/reviews", icon: "reviews", right: "review" },
  { name: "items", to: "/projects/$projectId/items", icon: "items", right: "view" },
  { name: "models", to: "/projects/$projectId/models", icon: "models", right: "view" },
  { name: "people", to: "/projects/$projectId/people", icon: "people", right: "view" },
  { name: "data", to: "/projects/$projectId/data", icon: "data", right: "manage" },
  { name: "jobs", to: "/projects/$projectId/jobs", icon: "jobs", right: "manage" },
  { name: "settings", to: "/projects/$projectId/settings", icon: "settings", right: "manage" },
];
const NAME = "Meguri";
const THUMB = 4; // places in the bar under the thumb; the others are behind "more"

export function Shell() {
  const { t } = useTranslation();
  const { projectId } = useParams({ strict: false });
  const working = Boolean(useMatchRoute()({ to: "/projects/$projectId/work" }));
  return (
    <div className={classes.shell} data-bare={working || !projectId || undefined}>
      <a href="#main" className="mg-skip">{t("common:skip_to_content")}</a>
      <Bar projectId={projectId} />
      {projectId && !working && <Places key={projectId} projectId={projectId} />}
      <main id="main" className={classes.main} tabIndex={-1}>{projectId ? <OfProject key={projectId} projectId={Number(projectId)} /> : <Outlet />}</main>
      {Number.isSafeInteger(Number(projectId)) && <Live projectId={Number(projectId)} />}
    </div>
  );
}

/** The pages of a project, or the word that there is none of that number. */
function OfProject({ projectId }: { projectId: number }) {
  const { error } = useQuery(projectQuery(projectId));
  const none = !Number.isSafeInteger(projectId) || (error && asProblem(error).status === 404);
  return none ? <Missing /> : <Outlet />;
}

/** Who may not see the project as a whole is not told of all that moves in it. */
function Live({ projectId }: { projectId: number }) {
  useLive(projectId, useRights(projectId).view);
  return null;
}

function Bar({ projectId }: { projectId: string | undefined }) {
  return (
    <header className={classes.bar}>
      <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
        <Link to="/" className={classes.home} aria-label={NAME}>
          <Mark size={28} />
          <Text component="span" fw={650} visibleFrom={projectId ? "sm" : undefined}>{NAME}</Text>
        </Link>
        {projectId && <ProjectName projectId={Number(projectId)} />}
      </Group>
      <Group gap={4} wrap="nowrap"><Language /><Scheme /><Person /></Group>
    </header>
  );
}

function ProjectName({ projectId }: { projectId: number }) {
  const { data } = useQuery(projectQuery(projectId));
  return (
    <>
      <Text c="dimmed" aria-hidden>/</Text>
      {data && <Link to="/projects/$projectId" params={{ projectId: String(projectId) }} className={classes.project}>{data.name}</Link>}
    </>
  );
}

export function Language() {
  const { t, i18n } = useTranslation();
  const other = i18n.language === "ja" ? "en" : "ja";
  return (
    <UnstyledButton className={classes.tool} lang={other} onClick={() => void speak(other)} aria-label={t("common:other_language_hint")}>
      {t("common:other_language")}
    </UnstyledButton>
  );
}

export function Scheme() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  return (
    <ActionIcon variant="subtle" color="gray" size={40} onClick={() => setColorScheme(dark ? "light" : "dark")} aria-label={t(dark ? "common:to_light" : "common:to_dark")}>
      <Icon name={dark ? "sun" : "moon"} />
    </ActionIcon>
  );
}

function Person() {
  const me = useMe();
  return <Suspense fallback={<span className={classes.face}>{Array.from(me.name)[0]?.toUpperCase()}</span>}><Account me={me} /></Suspense>;
}

function Places({ projectId }: { projectId: string }) {
  const { t } = useTranslation();
  const rights = useRights(Number(projectId));
  const [more, { open, close }] = useDisclosure(false);
  const [asked, setAsked] = useState(false);
  const places = PLACES.filter((place) => rights[place.right]);
  const thumb = places.length > THUMB + 1 ? places.slice(0, THUMB) : places;
  const rest = places.slice(thumb.length);
  return (
    <>
      <nav className={classes.side} aria-label={t("common:project_pages")}>
        {places.map((place) => (
          <NavLink key={place.name} label={t(`common:place_${place.name}`)} leftSection={<Icon name={place.icon} />} renderRoot={(props) => <Link {...props} to={place.to} params={{ projectId }} activeOptions={{ exact: place.name === "ring" }} activeProps={{ "data-active": true }} />} className={classes.link} />
        ))}
      </nav>
      <nav className={classes.thumb} aria-label={t("common:project_pages")}>
        {thumb.map((place) => (
          <Link key={place.name} to={place.to} params={{ projectId }} activeOptions={{ exact: place.name === "ring" }} activeProps={{ "data-active": "true" }} className={classes.key}>
            <Icon name={place.icon} size={22} /><span>{t(`common:place_${place.name}`)}</span>
          </Link>
        ))}
        {rest.length > 0 && <UnstyledButton className={classes.key} onClick={() => { setAsked(true); open(); }}><Icon name="more" size={22} /><span>{t("common:more")}</span></UnstyledButton>}
      </nav>
      {asked && <Suspense><Rest places={rest} projectId={projectId} opened={more} close={close} /></Suspense>}
    </>
  );
}

/** The frame of pages before signing in: the mark, one card, language and scheme. */
export function Doorstep({ title, note, children }: { title: string; note?: string; children: React.ReactNode }) {
  return (
    <Box className={classes.doorstep}>
      <Group justify="flex-end" p="xs" gap={4}><Language /><Scheme /></Group>
      <main className={classes.card}>
        <Stack align="center" gap="sm" mb="lg" ta="center">
          <Mark size={72} />
          <Text component="h1" fz={24} fw={650} m={0} className="mg-phrase">{title}</Text>
          {note && <Text c="dimmed" className="mg-phrase">{note}</Text>}
        </Stack>
        {children}
      </main>
    </Box>
  );
}
