/** Both languages say everything, with the same blanks to fill, and the code asks only for what is there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

const SOURCE = join(import.meta.dirname, "..", "src");
const PLURAL = /_(zero|one|two|few|many|other)$/;
type Words = Record<string, string>;

function flat(words: object, prefix = ""): Words {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "string" ? [[prefix + key, value]] : Object.entries(flat(value as object, `${prefix}${key}.`)),
    ),
  );
}

const namespaces = (language: string) => readdirSync(join(SOURCE, "i18n", language)).filter((name) => name.endsWith(".json")).sort();
const book = (language: string, name: string) => flat(JSON.parse(readFileSync(join(SOURCE, "i18n", language, name), "utf8")) as object);
const bases = (words: Words) => [...new Set(Object.keys(words).map((key) => key.replace(PLURAL, "")))].sort();
const blanks = (text: string) => [...new Set([...text.matchAll(/\{\{\s*([\w.]+)/g)].map((match) => match[1]))].sort();

test("both languages have the same namespaces", () => {
  expect(namespaces("ja")).toEqual(namespaces("en"));
});

describe.each(namespaces("en"))("%s", (name) => {
  const en = book("en", name);
  const ja = book("ja", name);

  test("has the same keys in both languages", () => {
    expect(bases(ja)).toEqual(bases(en));
  });

  test("has the same blanks in both languages", () => {
    for (const [key, text] of Object.entries(ja)) {
      const twin = en[key] ?? en[key.replace(PLURAL, "_other")] ?? en[key.replace(PLURAL, "")];
      const wanted = new Set(blanks(twin ?? ""));
      for (const blank of blanks(text)) expect([...wanted], `${name} ${key}`).toContain(blank);
      if (!PLURAL.test(key)) expect(blanks(text), `${name} ${key}`).toEqual([...wanted]);
    }
  });

  test("says nothing empty, and every plural has its general form", () => {
    for (const words of [en, ja]) {
      for (const [key, text] of Object.entries(words)) {
        expect(text.trim(), key).not.toBe("");
        if (PLURAL.test(key) && key.endsWith("_one")) expect(Object.keys(words)).toContain(key.replace(PLURAL, "_other"));
      }
    }
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name)).map((name) => join(folder, name));
}

test("every word that the code asks for by name is in the book", () => {
  const known = new Set(
    namespaces("en").flatMap((name) => [...bases(book("en", name)), ...Object.keys(book("en", name))].map((key) => `${name.replace(".json", "")}:${key}`)),
  );
  const missing: string[] = [];
  for (const file of sources(SOURCE)) {
    for (const match of readFileSync(file, "utf8").matchAll(/\bt\(\s*"([a-z]+:[\w.]+)"/g)) {
      if (match[1] && !known.has(match[1])) missing.push(`${file}: ${match[1]}`);
    }
  }
  expect(missing).toEqual([]);
});
