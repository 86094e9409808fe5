import { expect, it } from "vitest";
import { blank, fieldOf } from "./schema.ts";

const root = { $defs: { Span: { type: "object", properties: { start: { type: "integer", minimum: 0 }, label: { enum: ["a", "b"] } } } } };

it("draws a field for every plain kind", () => {
  expect(fieldOf({ type: "string", maxLength: 40 }, {})).toEqual({ kind: "text", long: false });
  expect(fieldOf({ type: "number", maximum: 1 }, {})).toMatchObject({ kind: "number", whole: false, max: 1 });
  expect(fieldOf({ type: "boolean" }, {})).toEqual({ kind: "yes_no" });
  expect(fieldOf({ enum: ["x", "y"] }, {})).toEqual({ kind: "one_of", values: ["x", "y"] });
});

it("follows references and optional values", () => {
  const field = fieldOf({ anyOf: [{ $ref: "#/$defs/Span" }, { type: "null" }] }, root);
  expect(field.kind === "object" && field.fields.map(([name]) => name)).toEqual(["start", "label"]);
});

it("lets the rest be written as JSON", () => {
  expect(fieldOf({ type: "array", prefixItems: [{ type: "number" }] }, {})).toEqual({ kind: "json" });
  expect(fieldOf({}, {})).toEqual({ kind: "json" });
});

it("begins a new entry of a list with what its kind begins with", () => {
  expect(blank({ $ref: "#/$defs/Span" }, root)).toEqual({});
  expect(blank({ type: "string" }, root)).toBe("");
});
