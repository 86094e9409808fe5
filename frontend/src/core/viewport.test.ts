import { expect, it } from "vitest";
import { fit, imagePoint, pan, zoomAt } from "./viewport.ts";

it("keeps the point under the pointer while zooming", () => {
  const image = { width: 640, height: 480 };
  let view = fit(image, { width: 1000, height: 700 });
  const before = imagePoint(view, 333, 210);
  for (const factor of [1.2, 1.2, 0.7, 3, 0.5]) view = zoomAt(view, factor, 333, 210, 0.01);
  const after = imagePoint(view, 333, 210);
  expect(Math.hypot(after.x - before.x, after.y - before.y) * view.scale).toBeLessThan(1);
});

it("shows the whole image at first, tiny ones in whole steps", () => {
  expect(fit({ width: 200, height: 100 }, { width: 400, height: 400 })).toEqual({ scale: 2, x: 0, y: 100 });
  expect(fit({ width: 8, height: 8 }, { width: 500, height: 300 }).scale).toBe(37);
  expect(fit({ width: 8, height: 8 }, { width: 1400, height: 900 }).scale).toBe(40);
});

it("never loses the image out of its frame", () => {
  const frame = { width: 300, height: 300 };
  const view = pan({ scale: 1, x: 0, y: 0 }, -5000, 5000, { width: 100, height: 100 }, frame);
  expect(view.x + 100).toBeGreaterThan(0);
  expect(view.y).toBeLessThan(300);
});
