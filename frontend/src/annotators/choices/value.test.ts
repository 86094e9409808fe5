import { expect, it } from "vitest";
import type { Question } from "../../core/work.ts";
import { isFull, mayBeNone, toggled } from "./value.ts";

const question: Question = { name: "q", type: "choices", options: [{ name: "a" }, { name: "b" }, { name: "c" }], max: 2 };

it("keeps the order of the options, whatever the order of the clicks", () => {
  expect(toggled(question, toggled(question, undefined, "c"), "a")).toEqual(["a", "c"]);
});

it("is no answer when the last option is taken out", () => {
  expect(toggled(question, ["b"], "b")).toBeUndefined();
});

it("takes no more options than allowed", () => {
  expect(isFull(question, ["a", "b"])).toBe(true);
  expect(toggled(question, ["a", "b"], "c")).toEqual(["a", "b"]);
});

it("may be none of them unless one is asked for", () => {
  expect(mayBeNone(question)).toBe(true);
  expect(mayBeNone({ ...question, min: 1 })).toBe(false);
});
