/** Who is here, how reliable their answers are, and the links that let others in. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useRights } from "../../api/session.ts";
import { useProjectId } from "../../app/router.tsx";
import { Empty, Fetched, Page } from "../../parts/index.tsx";
import { Section } from "../../parts/Section.tsx";
import { membersQuery } from "./api.ts";
import { Invitations } from "./Invitations.tsx";
import { Members } from "./Members.tsx";

export default function PeoplePage() {
  const { t } = useTranslation();
  const projectId = useProjectId();
  const { manage } = useRights(projectId);
  const query = useQuery(membersQuery(projectId));
  return (
    <Page title={t("people:title")} note={t("people:note")}>
      <Fetched query={query}>
        {(members) => (members.length > 0 ? <Members projectId={projectId} members={members} manage={manage} /> : <Empty icon="people" title={t("people:empty_title")}>{t("people:empty_text")}</Empty>)}
      </Fetched>
      {manage && <Section title={t("people:invite_title")} note={t("people:invite_note")}><Invitations projectId={projectId} /></Section>}
    </Page>
  );
}
