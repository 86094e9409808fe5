import { expect, it } from "vitest";
import { asQuery, fromSearch, isFiltered } from "./filters.ts";

it("reads an address, numbers and all, and leaves the rest aside", () => {
  expect(fromSearch({ state: "labelled", label: 7, min_disagreement: "0.3", page: 2, q: ["x"] })).toEqual({ state: "labelled", label: "7", min_disagreement: 0.3 });
});

it("asks the server only for what is set", () => {
  expect(asQuery({ split: "test", q: "", label: undefined })).toEqual({ split: "test" });
});

it("knows an order from a filter", () => {
  expect(isFiltered({ order: "disagreement" })).toBe(false);
  expect(isFiltered({ q: "late" })).toBe(true);
});
