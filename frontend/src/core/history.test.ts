import { expect, it } from "vitest";
import { History, same } from "./history.ts";

/** A small generator, so that the test is the same every time. */
function* random(seed: number): Generator<number, never> {
  for (let x = seed; ; ) {
    x = (x * 1664525 + 1013904223) % 4294967296;
    yield x / 4294967296;
  }
}

it("gives every earlier value back, a hundred steps deep, and forward again", () => {
  const history = new History(0);
  for (let i = 1; i <= 120; i += 1) history.push(i);
  for (let i = 119; i >= 0; i -= 1) {
    expect(history.undo()).toBe(true);
    expect(history.value).toBe(i);
  }
  expect(history.undo()).toBe(false);
  for (let i = 1; i <= 120; i += 1) history.redo();
  expect(history.value).toBe(120);
  expect(history.canRedo).toBe(false);
});

it("restores the equal value whatever was done between undo and redo", () => {
  const draw = random(7);
  const history = new History<{ n: number }>({ n: 0 });
  for (let step = 0; step < 2000; step += 1) {
    const before = history.value;
    if (draw.next().value < 0.6) history.push({ n: Math.floor(draw.next().value * 5) });
    else if (history.undo()) {
      history.redo();
      expect(history.value).toEqual(before);
    }
  }
});

it("does not count a value set again as a step", () => {
  const history = new History({ label: "a" });
  history.push({ label: "a" });
  expect(history.canUndo).toBe(false);
  expect(same({ a: 1 }, { a: 1 })).toBe(true);
});
