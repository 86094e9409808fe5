import { expect, it } from "vitest";
import { optionKeys } from "./optionKeys.ts";

const named = (...names: string[]) => names.map((name) => ({ name }));

it("gives the digits first, then letters that the desk does not need", () => {
  const keys = optionKeys(named(...Array.from("abcdefghijklmnop")));
  expect(keys.slice(0, 10)).toEqual(Array.from("1234567890"));
  expect(keys.slice(10)).toEqual(Array.from("qwerty"));
});

it("gives a digit to the option of that name", () => {
  expect(optionKeys(named("0", "1", "2", "other"))).toEqual(["0", "1", "2", "3"]);
});

it("follows the maker's keys and gives none away twice", () => {
  const keys = optionKeys([{ name: "good", hotkey: "2" }, { name: "bad" }, { name: "ugly", hotkey: "S" }]);
  expect(keys).toEqual(["2", "1", "3"]);
});

it("leaves options without a key when the keyboard is full", () => {
  const keys = optionKeys(named(...Array.from({ length: 40 }, (_, i) => `label ${i}`)));
  expect(new Set(keys.filter(Boolean)).size).toBe(keys.filter(Boolean).length);
  expect(keys.at(-1)).toBeNull();
});
