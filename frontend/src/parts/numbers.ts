/** Numbers, shares and moments as the reader's language writes them. */
import { language } from "../i18n/index.ts";

const NONE = "–";
type Maybe = number | null | undefined;

export function count(value: Maybe): string {
  return value == null ? NONE : new Intl.NumberFormat(language()).format(value);
}

/** `0.9312` → `93.1%`. */
export function percent(value: Maybe, digits = 1): string {
  if (value == null) return NONE;
  return new Intl.NumberFormat(language(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** An interval of shares: `91.0–95.2%`. */
export function interval(low: Maybe, high: Maybe): string {
  if (low == null || high == null) return NONE;
  return `${(low * 100).toFixed(1)}–${percent(high)}`;
}

export function decimal(value: Maybe, digits = 2): string {
  if (value == null) return NONE;
  return new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A p-value behind its sign: `= 0.012`, and `< 0.001` below what anybody reads. */
export function chance(value: Maybe): string {
  if (value == null) return NONE;
  return value < 0.001 ? `< ${decimal(0.001, 3)}` : `= ${decimal(value, 3)}`;
}

export function moment(iso: string | null | undefined): string {
  return iso ? new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso)) : NONE;
}

/** Japanese sets no space between a number and its unit; not every browser knows. */
function close(text: string): string {
  return text.replace(/(\d)\s+(?=\p{Script=Han})/gu, "$1");
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** `3 minutes ago`. */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return NONE;
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return close(step ? words.format(Math.round(seconds / step[1]), step[0]) : words.format(Math.round(Math.min(seconds, 0)), "second"));
}

/** A duration in the largest fitting unit: `42 sec`, `3 min`. */
export function duration(seconds: Maybe): string {
  if (seconds == null) return NONE;
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const digits = value < 10 && unit !== "minute" ? 1 : 0;
  return close(new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value));
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function bytes(value: Maybe): string {
  if (value == null) return NONE;
  const power = value > 0 ? Math.min(Math.floor(Math.log10(value) / 3), UNITS.length - 1) : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit: UNITS[power] ?? "byte", unitDisplay: "short", maximumFractionDigits: 1 }).format(value / 1000 ** power);
}

export function secondsSince(iso: string | null | undefined): number {
  return iso ? (Date.now() - new Date(iso).getTime()) / 1000 : 0;
}
