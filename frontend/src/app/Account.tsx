/** The menu behind the person's initial. */
import { Menu, UnstyledButton } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { leave } from "../api/session.ts";
import type { Me } from "../api/types.ts";
import { Icon } from "../parts/index.tsx";
import classes from "./Shell.module.css";

export default function Account({ me }: { me: Me }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const out = async () => {
    await leave();
    await navigate({ to: "/login" });
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.face} aria-label={t("common:account_of", { name: me.name })}>{Array.from(me.name)[0]?.toUpperCase()}</UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me.name}</Menu.Label>
        <Menu.Item leftSection={<Icon name="settings" size={16} />} component={Link} to="/me">{t("common:my_account")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="projects" size={16} />} component={Link} to="/">{t("common:projects")}</Menu.Item>
        {me.role === "owner" && <Menu.Item leftSection={<Icon name="people" size={16} />} component={Link} to="/people">{t("common:everyone")}</Menu.Item>}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="leave" size={16} />} onClick={() => void out()}>{t("common:sign_out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
