/** What stands where a page cannot: still loading, gone wrong, not there. */
import { Anchor, Box } from "@mantine/core";
import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Empty, ErrorNote, Loading } from "../parts/index.tsx";

export function Waiting() {
  return <div className="mg-page"><Loading rows={5} height={72} gap={16} /></div>;
}

export function Oops({ error, reset }: ErrorComponentProps) {
  return <Box className="mg-page"><ErrorNote error={error} retry={reset} /></Box>;
}

export function Missing() {
  const { t } = useTranslation();
  return (
    <Empty icon="search" title={t("common:missing_title")}>
      {t("common:missing_text")} <Anchor component={Link} to="/">{t("common:to_projects")}</Anchor>
    </Empty>
  );
}
