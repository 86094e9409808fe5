/** On phones: the pages that do not fit under the thumb. */
import { Drawer, NavLink, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { Icon } from "../parts/index.tsx";
import type { Place } from "./Shell.tsx";

export default function Rest({ places, projectId, opened, close }: { places: Place[]; projectId: string; opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={opened} onClose={close} position="bottom" size="auto" title={t("common:more")} closeButtonProps={{ "aria-label": t("common:close") }}>
      <Stack gap={4} pb="md">
        {places.map((place) => (
          <NavLink key={place.name} label={t(`common:place_${place.name}`)} leftSection={<Icon name={place.icon} />} renderRoot={(props) => <Link {...props} to={place.to} params={{ projectId }} onClick={close} />} h={48} />
        ))}
      </Stack>
    </Drawer>
  );
}
