import { expect, test } from "vitest";

import { fold, isLoud, type JournalRow } from "./journal.ts";

const row = (id: number, kind: string, actor = "person:1"): JournalRow => ({ id, kind, actor, at: "2026-11-23T00:00:00Z" });
const said = (rows: JournalRow[]) => fold(rows).map(({ row: { id }, times }) => [id, times]);

test("what people do many times is said once for each, with how often", () => {
  const rows = [row(5, "labelling.answered"), row(4, "labelling.answered", "person:2"), row(3, "labelling.answered")];
  expect(said(rows)).toEqual([[5, 2], [4, 1]]);
});

test("a step of the loop ends the counting", () => {
  const rows = [row(5, "labelling.answered"), row(4, "loop.select", "system"), row(3, "labelling.answered")];
  expect(said(rows)).toEqual([[5, 1], [4, 1], [3, 1]]);
});

test("promotions are told one by one, and loudly", () => {
  expect(said([row(2, "evaluation.promoted"), row(1, "evaluation.promoted")])).toHaveLength(2);
  expect(isLoud("evaluation.promoted")).toBe(true);
  expect(isLoud("labelling.answered")).toBe(false);
});

test("what the loop says anyway is not said again", () => {
  expect(said([row(2, "learning.selected"), row(1, "quality.agreed")])).toEqual([]);
});

test("the same by several jobs is one line", () => {
  expect(said([row(2, "jobs.failed", "job:2"), row(1, "jobs.failed", "job:1")])).toEqual([[2, 2]]);
});
