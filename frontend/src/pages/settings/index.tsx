/** How the project is run: everything may be changed at any time, also while people work. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Project } from "../../api/types.ts";
import { useProject } from "../../app/project.ts";
import { useProjectId } from "../../app/router.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { Fetched, Page } from "../../parts/index.tsx";
import { Section } from "../../parts/Section.tsx";
import { About } from "./About.tsx";
import { archive, possibleQuery, type Possible } from "./api.ts";
import { GROUPS, others } from "./fields.ts";
import { Gates } from "./Gates.tsx";
import { Group } from "./Group.tsx";
import { Webhooks } from "./Webhooks.tsx";

export default function SettingsPage() {
  const project = useProject(useProjectId());
  const possible = useQuery(possibleQuery);
  return <Fetched query={project}>{(about) => <Fetched query={possible}>{(all) => <Settings key={about.id} project={about} possible={all} />}</Fetched>}</Fetched>;
}

function Settings({ project, possible }: { project: Project; possible: Possible }) {
  const { t } = useTranslation();
  const rest = others(Object.keys(possible.settings.properties));
  const part = (name: keyof typeof GROUPS) => (
    <Section title={t(`settings:${name}`)} note={t(`settings:${name}_note`)}><Group project={project} possible={possible} names={GROUPS[name]} /></Section>
  );
  return (
    <Page title={t("settings:title")} note={t("settings:any_time")}>
      <Section title={t("settings:about")} note={t("settings:about_note")}><About project={project} /></Section>
      {part("labelling")}
      {part("learning")}
      {part("going_live")}
      <Section title={t("settings:gates")} note={t("settings:gates_note")}><Gates project={project} possible={possible} /></Section>
      {rest.length > 0 && <Section title={t("settings:others")}><Group project={project} possible={possible} names={rest} /></Section>}
      <Section title={t("settings:webhooks")} note={t("settings:webhooks_note")}><Webhooks projectId={project.id} /></Section>
      <Section title={t("settings:danger")} note={t("settings:danger_note")}><Archive project={project} /></Section>
    </Page>
  );
}

function Archive({ project }: { project: Project }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asking, ask] = useState(false);
  const run = async () => {
    await archive(project.id);
    client.removeQueries({ queryKey: ["project", project.id] });
    await client.invalidateQueries();
    await navigate({ to: "/" });
  };
  return (
    <>
      <Button variant="outline" color="vermilion" onClick={() => ask(true)}>{t("settings:archive")}</Button>
      <Confirm opened={asking} close={() => ask(false)} title={t("settings:archive_title", { name: project.name })} text={t("settings:archive_text")} action={t("settings:archive")} danger run={run} />
    </>
  );
}
