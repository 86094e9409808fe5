/** Text as it is best read: a measure for the eye, its own line breaks kept, its own language's glyphs. */
import type { ItemView, ViewProps } from "./contract.ts";
import classes from "./views.module.css";

const SHORT = 140; // characters; below that the text is a line to look at, above it a page to read

/** Kana or full-width signs: Japanese; the browser then takes Japanese glyphs and breaks lines as Japanese does. */
export function languageOf(text: string): string | undefined {
  return /[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]/.test(text) ? "ja" : undefined;
}

function View({ item }: ViewProps) {
  const text = item.text ?? "";
  return (
    <div className={classes.page} tabIndex={text.length > 800 ? 0 : undefined}>
      <div className={classes.text} lang={languageOf(text)} data-short={text.length <= SHORT || undefined}>{text}</div>
    </div>
  );
}

const view: ItemView = { name: "text", shows: (item) => typeof item.text === "string", View };
export default view;
