import { expect, it } from "vitest";
import { controlOf, GROUPS, others } from "./fields.ts";

it("shows shares in percent and times in minutes", () => {
  expect(controlOf("threshold", { type: "number", minimum: 0, maximum: 1 }, false)).toEqual({ kind: "percent", min: 0, max: 100, empty: false });
  expect(controlOf("lease_seconds", { type: "integer", minimum: 60, maximum: 3600 }, false)).toEqual({ kind: "minutes", min: 1, max: 60 });
});

it("lets an optional number be empty", () => {
  expect(controlOf("budget", { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] }, false)).toMatchObject({ kind: "number", empty: true, min: 1 });
  expect(controlOf("batch", { type: "integer" }, false)).toMatchObject({ kind: "number", empty: false });
});

it("leaves no setting out of reach", () => {
  expect(others([...GROUPS.learning, "gates", "brand_new"])).toEqual(["brand_new"]);
});
