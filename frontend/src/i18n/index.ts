/** English and Japanese: one JSON file a namespace and language, found by name; only the language in use is loaded. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

type Words = Record<string, unknown>;
const books: Record<Language, () => Promise<{ default: Record<string, Words> }>> = {
  en: () => import("./en.ts"),
  ja: () => import("./ja.ts"),
};

const KEY = "meguri.language";

/** The namespaces of one language's files: `./en/work.json` is the namespace `work`. */
export function byNamespace(files: Record<string, { default: Words }>): Record<string, Words> {
  return Object.fromEntries(
    Object.entries(files).map(([path, file]) => [path.replace(/^.*\/(.+)\.json$/, "$1"), file.default]),
  );
}

export function isLanguage(value: unknown): value is Language {
  return value === "en" || value === "ja";
}

function preferred(): Language {
  const kept = localStorage.getItem(KEY);
  if (isLanguage(kept)) return kept;
  return navigator.language.startsWith("ja") ? "ja" : "en";
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "common")) return;
  const book = (await books[language]()).default;
  for (const [namespace, words] of Object.entries(book)) i18next.addResourceBundle(language, namespace, words);
}

/** Switch the page's language; where somebody chose it by hand, remember it on this device. */
export async function speak(language: Language, byHand = true): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  if (byHand) localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
}

/** True where somebody chose a language on this device by hand. */
export function hasChosen(): boolean {
  return isLanguage(localStorage.getItem(KEY));
}

export function language(): Language {
  return isLanguage(i18next.language) ? i18next.language : "en";
}

export async function start(): Promise<void> {
  const first = preferred();
  await i18next.use(initReactI18next).init({
    lng: first,
    fallbackLng: false,
    resources: {},
    ns: [],
    defaultNS: "common",
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { useSuspense: false },
  });
  await load(first);
  await i18next.changeLanguage(first);
  document.documentElement.lang = first;
}
