import { useState } from "react";

/** A form's sending: busy while it goes, the refusal where it was refused, done for a moment after. */
export function useSave(send: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const save = async (event?: { preventDefault: () => void }) => {
    event?.preventDefault();
    setBusy(true);
    setError(null);
    setDone(false);
    try {
      await send();
      setDone(true);
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, done, save, fresh: () => setDone(false) };
}
