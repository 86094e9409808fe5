/** From nothing to a turning ring: what is the data, what is asked, the data itself, the people, go. */
import { Button, Group, Stack, Stepper } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, call } from "../../api/client.ts";
import { queries } from "../../api/query.ts";
import { meQuery } from "../../api/session.ts";
import type { Project } from "../../api/types.ts";
import { projectQuery, ringQuery } from "../../app/project.ts";
import { type Draft, lacks, question, questionsOut } from "../../core/draft.ts";
import { ErrorNote, Icon, Page } from "../../parts/index.tsx";
import { Adder } from "../data/Adder.tsx";
import { Ask } from "./Ask.tsx";
import { KindOfData } from "./KindOfData.tsx";
import { Launch } from "./Launch.tsx";
import { Team } from "./Team.tsx";
import classes from "./Wizard.module.css";

const STEPS = ["kind", "ask", "data", "team", "launch"] as const;
type Step = (typeof STEPS)[number];
const MADE = 2; // from this step on the project exists

export default function Wizard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ from: "/inside/new" });
  const [draft, setDraft] = useState<Draft>({ name: "", modality: null, questions: [question("choice")] });
  const [early, setEarly] = useState(0);
  const made = useQuery({ ...projectQuery(search.project ?? 0), enabled: search.project !== undefined });
  const at = search.project === undefined ? early : Math.max(MADE, STEPS.indexOf((search.step ?? "data") as Step));
  const go = (step: number, project = search.project) => {
    if (project === undefined) setEarly(step);
    else void navigate({ to: "/new", search: { project, step: STEPS[step] } });
    window.scrollTo({ top: 0 });
  };
  return (
    <Page title={t("wizard:title")} note={t(`wizard:note_${STEPS[at] ?? "kind"}`)}>
      <Stack gap="xl">
        <Steps at={at} go={go} open={made.data !== undefined} />
        {at === 0 && <KindOfData draft={draft} change={setDraft} next={() => go(1)} />}
        {at === 1 && <AskStep draft={draft} change={setDraft} back={() => go(0)} made={(project) => go(MADE, project.id)} />}
        {at === 2 && made.data && <DataStep project={made.data} next={() => go(3)} />}
        {at === 3 && made.data && <Team project={made.data} back={() => go(2)} next={() => go(4)} />}
        {at === 4 && made.data && <Launch project={made.data} back={() => go(3)} />}
        <ErrorNote error={made.error} />
      </Stack>
    </Page>
  );
}

function Steps({ at, go, open }: { at: number; go: (step: number) => void; open: boolean }) {
  const { t } = useTranslation();
  return (
    <Stepper active={at} onStepClick={go} size="sm" iconSize={30} completedIcon={<Icon name="check" size={16} />} wrap={false} classNames={{ stepBody: classes.stepWords }}>
      {STEPS.map((step, index) => (
        <Stepper.Step key={step} label={t(`wizard:step_${step}`)} allowStepSelect={index !== at && (open ? index >= MADE : index < at)} />
      ))}
    </Stepper>
  );
}

function DataStep({ project, next }: { project: Project; next: () => void }) {
  const { t } = useTranslation();
  const { data: ring } = useQuery(ringQuery(project.id));
  const [added, setAdded] = useState(false);
  const some = added || (ring !== undefined && ring.stations.learn.pool + ring.stations.learn.labels > 0);
  return (
    <div>
      <Adder project={project} done={() => setAdded(true)} />
      <Onward back={null} next={next} quiet={!some} label={some ? undefined : t("wizard:later")} />
    </div>
  );
}

interface OnwardProps {
  back: (() => void) | null;
  next: () => void;
  label?: string;
  busy?: boolean;
  disabled?: boolean;
  /** Not the thing to do here, only possible. */
  quiet?: boolean;
}

export function Onward({ back, next, label, busy = false, disabled = false, quiet = false }: OnwardProps) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" mt="md">
      {back ? <Button variant="subtle" color="gray" onClick={back} leftSection={<Icon name="left" size={16} />}>{t("common:back")}</Button> : <span />}
      <Button size="md" variant={quiet ? "default" : "filled"} onClick={next} loading={busy} disabled={disabled} rightSection={<Icon name="right" size={16} />}>{label ?? t("common:next")}</Button>
    </Group>
  );
}

function AskStep({ draft, change, back, made }: { draft: Draft; change: (draft: Draft) => void; back: () => void; made: (project: Project) => void }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = lacks(draft);
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      const body = { name: draft.name.trim(), modality: draft.modality ?? "text", questions: questionsOut(draft.questions) };
      const project = await call<Project>(api.POST("/api/v1/projects", { body }));
      await queries.invalidateQueries({ queryKey: ["projects"] });
      await queries.query({ ...meQuery, staleTime: 0 });
      made(project);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Ask draft={draft} change={change} />
      <ErrorNote error={error} />
      <Onward back={back} next={() => void make()} busy={busy} disabled={missing.length > 0} label={t("wizard:make")} />
    </Stack>
  );
}
