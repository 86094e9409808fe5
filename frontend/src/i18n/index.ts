/**
 * English and Japanese: one JSON file a namespace and language, found by name; only the language in use is loaded,
 * and of it at first only what the door (signing in, joining) says.
 */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

type Words = Record<string, unknown>;
type Book = () => Promise<{ default: Record<string, Words> }>;

const books: Record<Language, { door: Book; rest: Book }> = {
  en: { door: () => import("./en.ts"), rest: () => import("./en.rest.ts") },
  ja: { door: () => import("./ja.ts"), rest: () => import("./ja.rest.ts") },
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

async function load(language: Language, part: keyof (typeof books)[Language]): Promise<void> {
  const book = (await books[language][part]()).default;
  for (const [namespace, words] of Object.entries(book)) i18next.addResourceBundle(language, namespace, words);
}

/** All words of the language in use; every page behind the door waits for them. */
export async function whole(): Promise<void> {
  await load(language(), "rest");
}

/** Switch the page's language; where somebody chose it by hand, remember it on this device. */
export async function speak(language: Language, byHand = true): Promise<void> {
  await Promise.all([load(language, "door"), load(language, "rest")]);
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
  await load(first, "door");
  await i18next.changeLanguage(first);
  document.documentElement.lang = first;
}
