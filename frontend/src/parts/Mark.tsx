/** The mark: a brush-like ring, open at the top right, five stations, the running one in vermilion. */
export const STATIONS = ["learn", "verify", "watch", "decide", "relearn"] as const;
export type Station = (typeof STATIONS)[number];

/** Degrees clockwise from the top at which the stations sit; the ring's opening is between relearn and learn. */
const ANGLES: Record<Station, number> = { learn: 75, verify: 140, watch: 205, decide: 270, relearn: 335 };

/** Where on a circle around (cx, cy) the angle lies. */
export function around(cx: number, cy: number, radius: number, degrees: number): { x: number; y: number } {
  const turn = ((degrees - 90) * Math.PI) / 180;
  return { x: cx + radius * Math.cos(turn), y: cy + radius * Math.sin(turn) };
}

export function angleOf(station: Station): number {
  return ANGLES[station];
}

/** The brush stroke: an outline between two circles that are not quite concentric, thick at the start, thin at the end. */
export function brush(cx: number, cy: number, radius: number, weight: number, from = 58, to = 378): string {
  const steps = 72;
  const outer: string[] = [];
  const inner: string[] = [];
  for (let i = 0; i <= steps; i += 1) {
    const share = i / steps;
    const tail = Math.sqrt(Math.min(1, (1 - share) * 4)); // lifted off the paper at the end
    const width = weight * (0.5 + 0.5 * Math.cos(share * 2.6) + 0.08 * Math.sin(share * 9)) * tail + weight * 0.34 * tail;
    const degrees = from + (to - from) * share;
    const a = around(cx, cy, radius + width / 2, degrees);
    const b = around(cx, cy, radius - width / 2, degrees);
    outer.push(`${a.x.toFixed(2)} ${a.y.toFixed(2)}`);
    inner.unshift(`${b.x.toFixed(2)} ${b.y.toFixed(2)}`);
  }
  return `M${outer.join("L")}L${inner.join("L")}Z`;
}

export interface MarkProps {
  size?: number;
  running?: Station | null;
  label?: string;
}

export function Mark({ size = 32, running = null, label }: MarkProps) {
  const stations = size >= 40 ? STATIONS : STATIONS.filter((station) => station === running);
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : true} style={{ flex: "none", display: "block" }}>
      <path d={brush(32, 32, 24, 6.5)} fill="var(--mg-ink)" />
      {stations.map((station) => {
        const at = around(32, 32, 24, angleOf(station));
        const here = station === running;
        return (
          <circle key={station} cx={at.x} cy={at.y} r={here ? 6.5 : 3.4} fill={here ? "var(--mg-accent)" : "var(--mg-surface)"} stroke={here ? "var(--mg-surface)" : "var(--mg-ink)"} strokeWidth={here ? 2 : 1.5} />
        );
      })}
      {running === null && <circle cx={around(32, 32, 24, 38).x} cy={around(32, 32, 24, 38).y} r={5.5} fill="var(--mg-accent)" />}
    </svg>
  );
}
