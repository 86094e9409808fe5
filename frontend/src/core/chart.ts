/** What a line chart needs to know, without a screen: ticks, scales, paths. */
export interface Point {
  x: number;
  y: number;
  low?: number | null;
  high?: number | null;
}

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
}

/** A step of 1, 2 or 5 times a power of ten that fits at most `most` times between `low` and `high`. */
export function niceStep(low: number, high: number, most: number): number {
  const raw = (high - low || 1) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999999) ?? 10;
  return step * power;
}

/** Round ends and the ticks between; `within` keeps the ends from leaving a range such as [0, 1]. */
export function niceScale(low: number, high: number, most: number, within?: [number, number]): Scale {
  const [from, to] = low === high ? [low - Math.abs(low || 1) * 0.1, high + Math.abs(high || 1) * 0.1] : [low, high];
  const step = niceStep(from, to, most);
  const first = Math.max(Math.floor(from / step + 1e-9) * step, within?.[0] ?? -Infinity);
  const last = Math.min(Math.ceil(to / step - 1e-9) * step, within?.[1] ?? Infinity);
  const ticks: number[] = [];
  for (let tick = Math.ceil(first / step - 1e-9) * step; tick <= last + step * 1e-6; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return { low: first, high: last, ticks };
}

export function project(value: number, scale: Scale, from: number, to: number): number {
  return from + ((value - scale.low) / (scale.high - scale.low || 1)) * (to - from);
}

export function linePath(points: readonly { x: number; y: number }[]): string {
  return points.map(({ x, y }, index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/** The outline of a band: along the highs, back along the lows. */
export function bandPath(points: readonly { x: number; low: number; high: number }[]): string {
  if (points.length === 0) return "";
  const there = points.map(({ x, high }) => ({ x, y: high }));
  const back = [...points].reverse().map(({ x, low }) => ({ x, y: low }));
  return `${linePath([...there, ...back])}Z`;
}

/** The index of the point whose x is nearest. */
export function nearest(xs: readonly number[], x: number): number {
  let best = 0;
  xs.forEach((each, index) => {
    if (Math.abs(each - x) < Math.abs((xs[best] ?? Infinity) - x)) best = index;
  });
  return best;
}
