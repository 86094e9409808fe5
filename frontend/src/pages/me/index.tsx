/** One's own account: name and language, password, and the tokens that programs come in with. */
import { useTranslation } from "react-i18next";

import { useMe } from "../../api/session.ts";
import { Page } from "../../parts/index.tsx";
import { Section } from "../../parts/Section.tsx";
import { Password } from "./Password.tsx";
import { Profile } from "./Profile.tsx";
import { Tokens } from "./Tokens.tsx";

export default function MePage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <Page title={t("common:my_account")} note={me.email}>
      <Section title={t("settings:me_profile")}><Profile me={me} /></Section>
      <Section title={t("settings:me_password")} note={t("settings:me_password_note")}><Password me={me} /></Section>
      <Section title={t("settings:me_tokens")} note={t("settings:me_tokens_note")}><Tokens /></Section>
    </Page>
  );
}
