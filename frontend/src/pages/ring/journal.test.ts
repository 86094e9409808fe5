import { expect, test } from "vitest";

import { fold, type JournalRow } from "./journal.ts";

const row = (id: number, kind: string, actor = "person:1"): JournalRow => ({ id, kind, actor, at: "2026-11-23T00:00:00Z" });

test("the same thing many times in a row is said once, with how often", () => {
  const folded = fold([row(5, "annotation.added"), row(4, "annotation.added"), row(3, "annotation.added", "person:2")]);
  expect(folded.map(({ row: { id }, times }) => [id, times])).toEqual([[5, 2], [3, 1]]);
});

test("promotions are told one by one", () => {
  expect(fold([row(2, "model.promoted"), row(1, "model.promoted")])).toHaveLength(2);
});
