/** Moving the name of the model in production, forwards and back, with a reason that is kept. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { projectKey } from "../../api/live.ts";
import { Confirm, useTold } from "../../parts/confirm.tsx";
import { Icon } from "../../parts/index.tsx";
import { promote, rollBack } from "./queries.ts";
import { verdictSays } from "./say.ts";
import type { ModelRow } from "./types.ts";

export function Promote({ model, projectId }: { model: ModelRow; projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const [opened, { open, close }] = useDisclosure(false);
  const force = !model.verdict?.passed;
  const refresh = () => client.invalidateQueries({ queryKey: projectKey(projectId) });
  const run = async (why: string) => {
    await promote(projectId, model.id, why, force);
    await refresh();
    told.done(t("models:promoted", { n: model.number }), () => {
      rollBack(projectId, t("models:undone")).then(refresh).catch((error: unknown) => told.failed(error));
    });
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={open}>{t(force ? "models:overrule" : "models:promote")}</Button>
      <Confirm
        opened={opened}
        close={close}
        title={t("models:promote_n", { n: model.number })}
        text={force ? t("models:overrule_text", { why: verdictSays(t, model) }) : t("models:promote_text")}
        reason={t("models:reason")}
        action={t(force ? "models:overrule" : "models:promote")}
        danger={force}
        run={run}
      />
    </>
  );
}

export function RollBack({ projectId }: { projectId: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const told = useTold();
  const [opened, { open, close }] = useDisclosure(false);
  const run = async (why: string) => {
    const move = await rollBack(projectId, why);
    await client.invalidateQueries({ queryKey: projectKey(projectId) });
    told.done(t("models:rolled_back", { n: move.number ?? "–" }));
  };
  return (
    <>
      <Button variant="default" leftSection={<Icon name="undo" size={16} />} onClick={open}>{t("models:roll_back")}</Button>
      <Confirm opened={opened} close={close} title={t("models:roll_back")} text={t("models:roll_back_text")} reason={t("models:reason")} action={t("models:roll_back")} run={run} />
    </>
  );
}
