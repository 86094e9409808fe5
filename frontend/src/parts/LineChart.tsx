/** A line with its interval as a band, drawn by us: small, themed, readable without colour. */
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, type PointerEvent, useState } from "react";

import { bandPath, linePath, nearest, niceScale, type Point, project, type Scale } from "../core/chart.ts";

export interface Series {
  name: string;
  points: Point[];
  color: string;
  dash?: string;
}

export interface LineChartProps {
  series: Series[];
  label: string;
  xName: string;
  sayX: (value: number) => string;
  sayY: (value: number) => string;
  /** What is told of the point under the pointer. */
  tell: (index: number) => string[];
  height?: number;
  within?: [number, number];
  /** A level to compare with, and its words. */
  level?: { y: number; words: string } | null;
}

const EDGE = { left: 52, right: 16, top: 12, bottom: 40 };

function scales(series: Series[], level: number | undefined, within: [number, number] | undefined, width: number): { x: Scale; y: Scale } {
  const points = series.flatMap((line) => line.points);
  const xs = points.map((point) => point.x);
  const ys = points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]);
  if (level !== undefined) ys.push(level);
  const most = Math.max(2, Math.floor(width / 90));
  return { x: niceScale(Math.min(0, ...xs), Math.max(...xs), most), y: niceScale(Math.min(...ys), Math.max(...ys), 4, within) };
}

export function LineChart({ series, label, xName, sayX, sayY, tell, height = 280, within, level }: LineChartProps) {
  const { ref, width } = useElementSize();
  const [at, setAt] = useState<number | null>(null);
  const main = series[0];
  if (!main || main.points.length === 0) return null;
  const wide = Math.max(width, 280);
  const { x, y } = scales(series, level?.y, within, wide);
  const px = (value: number) => project(value, x, EDGE.left, wide - EDGE.right);
  const py = (value: number) => project(value, y, height - EDGE.bottom, EDGE.top);
  const xs = main.points.map((point) => px(point.x));
  const follow = (event: PointerEvent<SVGSVGElement>) => setAt(nearest(xs, event.clientX - event.currentTarget.getBoundingClientRect().left));
  const walk = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    setAt(Math.min(xs.length - 1, Math.max(0, (at ?? -1) + move)));
  };
  const told = at === null ? null : main.points[at];
  return (
    <div ref={ref} style={{ position: "relative" }}>
      <svg data-picture role="img" aria-label={label} width="100%" height={height} viewBox={`0 0 ${wide} ${height}`} fontSize={12} fontFamily="var(--mantine-font-family)" tabIndex={0} onPointerMove={follow} onPointerLeave={() => setAt(null)} onKeyDown={walk} onBlur={() => setAt(null)} style={{ display: "block", touchAction: "pan-y" }}>
        {y.ticks.map((tick) => (
          <g key={tick}>
            <line x1={EDGE.left} x2={wide - EDGE.right} y1={py(tick)} y2={py(tick)} stroke="var(--mg-line)" />
            <text x={EDGE.left - 8} y={py(tick) + 4} textAnchor="end" fill="var(--mantine-color-dimmed)">{sayY(tick)}</text>
          </g>
        ))}
        {x.ticks.map((tick) => <text key={tick} x={px(tick)} y={height - EDGE.bottom + 18} textAnchor="middle" fill="var(--mantine-color-dimmed)">{sayX(tick)}</text>)}
        <text x={wide - EDGE.right} y={height - 4} textAnchor="end" fill="var(--mantine-color-dimmed)">{xName}</text>
        {level && (
          <g>
            <line x1={EDGE.left} x2={wide - EDGE.right} y1={py(level.y)} y2={py(level.y)} stroke="var(--mg-ink)" strokeDasharray="4 4" opacity={0.5} />
            <text x={EDGE.left + 6} y={py(level.y) - 6} fill="var(--mantine-color-dimmed)">{level.words}</text>
          </g>
        )}
        {series.map((line) => <Line key={line.name} line={line} px={px} py={py} />)}
        {told && <circle cx={px(told.x)} cy={py(told.y)} r={6} fill="none" stroke="var(--mg-ink)" strokeWidth={1.5} />}
      </svg>
      {told && at !== null && (
        <div role="status" style={{ position: "absolute", top: 8, left: Math.min(Math.max(px(told.x) + 12, 8), wide - 190), pointerEvents: "none", background: "var(--mg-surface)", border: "1px solid var(--mg-line)", borderRadius: 8, padding: "6px 10px", fontSize: 13, maxWidth: 190 }}>
          {tell(at).map((line, index) => <div key={line} style={{ fontWeight: index === 0 ? 600 : 400 }}>{line}</div>)}
        </div>
      )}
    </div>
  );
}

function Line({ line, px, py }: { line: Series; px: (x: number) => number; py: (y: number) => number }) {
  const band = line.points.flatMap((point) => point.low == null || point.high == null ? [] : [{ x: px(point.x), low: py(point.low), high: py(point.high) }]);
  const spots = line.points.map((point) => ({ x: px(point.x), y: py(point.y) }));
  return (
    <g>
      {band.length > 1 && <path d={bandPath(band)} fill={line.color} fillOpacity={0.13} />}
      {band.length === 1 && band[0] && <line x1={band[0].x} x2={band[0].x} y1={band[0].low} y2={band[0].high} stroke={line.color} strokeWidth={2} opacity={0.4} />}
      <path d={linePath(spots)} fill="none" stroke={line.color} strokeWidth={2} strokeLinejoin="round" strokeDasharray={line.dash} />
      {spots.map((spot, index) => <circle key={index} cx={spot.x} cy={spot.y} r={3} fill={line.color} />)}
    </g>
  );
}
