/** Doing with a way back: ask only before what cannot be undone, else do it and offer to undo. */
import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { sayProblem } from "../api/problem.ts";
import { ErrorNote } from "./index.tsx";

export interface ConfirmProps {
  opened: boolean;
  close: () => void;
  title: string;
  text?: string;
  action: string;
  danger?: boolean;
  /** Ask for a reason in words; it is handed to `run`. */
  reason?: string;
  run: (reason: string) => Promise<unknown>;
}

export function Confirm({ opened, close, title, text, action, danger = false, reason, run }: ConfirmProps) {
  const { t } = useTranslation();
  const [why, setWhy] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run(why.trim());
      setWhy("");
      close();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ "aria-label": t("common:close") }}>
      <Stack>
        {text && <Text>{text}</Text>}
        {reason && <Textarea label={reason} value={why} onChange={(event) => setWhy(event.currentTarget.value)} autosize minRows={2} data-autofocus required />}
        <ErrorNote error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>{t("common:cancel")}</Button>
          <Button loading={busy} disabled={reason !== undefined && !why.trim()} color={danger ? "vermilion" : undefined} onClick={() => void go()}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Say what was done, with a button that undoes it while the note is there. */
export function useTold() {
  const { t } = useTranslation();
  return {
    done(message: string, undo?: () => void) {
      const id = notifications.show({
        message: undo ? (
          <Group justify="space-between" wrap="nowrap">
            <span>{message}</span>
            <Button size="compact-sm" variant="subtle" onClick={() => { notifications.hide(id); undo(); }}>{t("common:undo")}</Button>
          </Group>
        ) : message,
        color: "gray",
        autoClose: undo ? 8000 : 4000,
        withBorder: true,
      });
    },
    failed(error: unknown) {
      notifications.show({ message: sayProblem(t, error), color: "vermilion", autoClose: 8000, withBorder: true });
    },
  };
}
