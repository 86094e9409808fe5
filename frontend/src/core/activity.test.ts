import { expect, it } from "vitest";
import { ActiveClock } from "./activity.ts";

function clockAt(): { clock: ActiveClock; at: (ms: number) => void } {
  let now = 0;
  const clock = new ActiveClock(() => now);
  clock.start();
  return { clock, at: (ms) => (now = ms) };
}

it("counts the time a person is there", () => {
  const { clock, at } = clockAt();
  at(4_000);
  clock.touch();
  at(6_500);
  expect(clock.seconds()).toBe(6.5);
});

it("counts thirty seconds of a long silence", () => {
  const { clock, at } = clockAt();
  at(600_000);
  clock.touch();
  at(601_000);
  expect(clock.seconds()).toBe(31);
});

it("stands still while the tab is hidden", () => {
  const { clock, at } = clockAt();
  at(2_000);
  clock.hide();
  at(60_000);
  clock.show();
  at(61_000);
  expect(clock.seconds()).toBe(3);
});
