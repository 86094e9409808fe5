import { expect, test } from "vitest";

import { bandPath, linePath, nearest, niceScale, niceStep, project } from "./chart.ts";

test("steps are 1, 2 or 5 times a power of ten", () => {
  expect(niceStep(0, 400, 5)).toBe(100);
  expect(niceStep(0, 0.3, 4)).toBeCloseTo(0.1);
  expect(niceStep(0, 17, 5)).toBe(5);
});

test("a scale holds all values, with round ends and ticks between them", () => {
  expect(niceScale(3, 387, 5)).toEqual({ low: 0, high: 400, ticks: [0, 100, 200, 300, 400] });
});

test("a scale of shares never leaves nought to one", () => {
  const scale = niceScale(0.62, 0.991, 4, [0, 1]);
  expect(scale.high).toBe(1);
  expect(scale.low).toBeGreaterThanOrEqual(0);
});

test("one single value still has a scale around it", () => {
  const { low, high } = niceScale(5, 5, 4);
  expect(low).toBeLessThan(5);
  expect(high).toBeGreaterThan(5);
});

test("values land where the scale says", () => {
  expect(project(50, { low: 0, high: 100, ticks: [] }, 10, 20)).toBe(15);
});

test("a band goes along its highs and back along its lows", () => {
  expect(bandPath([{ x: 0, low: 2, high: 1 }, { x: 5, low: 4, high: 3 }])).toBe("M0.0 1.0L5.0 3.0L5.0 4.0L0.0 2.0Z");
  expect(linePath([])).toBe("");
});

test("the nearest point is found", () => {
  expect(nearest([0, 10, 40], 22)).toBe(1);
});
