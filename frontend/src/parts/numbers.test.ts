import i18next from "i18next";
import { afterEach, expect, test } from "vitest";

import { ago, bytes, count, duration, interval, percent } from "./numbers.ts";

await i18next.init({ lng: "en", resources: {} });
afterEach(() => i18next.changeLanguage("en"));

const NOW = Date.parse("2026-11-23T12:00:00Z");

test("what is not known is a dash, never nought", () => {
  expect([count(null), percent(undefined), interval(null, 0.5), duration(null), bytes(null), ago(null)]).toEqual(Array(6).fill("–"));
});

test("shares and intervals are read as per cent", () => {
  expect(percent(0.9312)).toBe("93.1%");
  expect(interval(0.91, 0.952)).toBe("91.0–95.2%");
});

test("moments are told by their largest unit", () => {
  expect(ago("2026-11-23T11:57:00Z", NOW)).toBe("3 minutes ago");
  expect(ago("2026-11-22T12:00:00Z", NOW)).toBe("yesterday");
  expect(ago("2026-11-23T12:00:02Z", NOW)).toBe("now"); // the server's clock may be a little ahead
});

test("Japanese has no space between a number and its unit", async () => {
  await i18next.changeLanguage("ja");
  expect(ago("2026-11-23T11:57:00Z", NOW)).toBe("3分前");
  expect(duration(42)).toBe("42秒");
});

test("bytes and durations take the unit that fits", () => {
  expect(bytes(25_700)).toBe("25.7 kB");
  expect(duration(600)).toBe("10 min");
});
