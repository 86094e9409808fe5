/** The large ring: five stations with their numbers, the running one in vermilion. */
import { around, angleOf, brush, type Station, STATIONS } from "./Mark.tsx";

export interface StationFace {
  name: string;
  big: string;
  line: string;
}

export interface BigRingProps {
  faces: Record<Station, StationFace>;
  running: Station | null;
  /** In the middle: what is happening now. */
  heading: string;
  under: string;
  label: string;
  /** Names and lines beside the stations; without them the ring fits on a phone. */
  worded: boolean;
  go: (station: Station) => void;
}

const RADIUS = 150;

export function BigRing({ faces, running, heading, under, label, worded, go }: BigRingProps) {
  const [wide, high] = worded ? [860, 432] : [380, 380];
  const [cx, cy] = [wide / 2, high / 2];
  return (
    <svg data-picture role="group" aria-label={label} viewBox={`0 0 ${wide} ${high}`} width="100%" style={{ display: "block", maxWidth: worded ? 900 : 420, margin: "0 auto" }} fontFamily="var(--mantine-font-family)">
      <path d={brush(cx, cy, RADIUS, 15, 72, 384)} fill="var(--mg-ink)" opacity={0.92} />
      <text x={cx} y={cy - 2} textAnchor="middle" fontSize={22} fontWeight={650} fill="var(--mg-ink)">{heading}</text>
      <text x={cx} y={cy + 24} textAnchor="middle" fontSize={14} fill="var(--mantine-color-dimmed)">{under}</text>
      {STATIONS.map((station) => <Stop key={station} station={station} face={faces[station]} here={station === running} cx={cx} cy={cy} worded={worded} go={go} />)}
    </svg>
  );
}

interface StopProps {
  station: Station;
  face: StationFace;
  here: boolean;
  cx: number;
  cy: number;
  worded: boolean;
  go: (station: Station) => void;
}

/** Where a station's words stand: to the right of the ring for those at the right, to the left for those at the left. */
const SIDE: Record<Station, "start" | "end"> = { learn: "start", verify: "start", watch: "end", decide: "end", relearn: "end" };

function Stop({ station, face, here, cx, cy, worded, go }: StopProps) {
  const at = around(cx, cy, RADIUS, angleOf(station));
  const size = face.big.length > 4 ? 15 : 18;
  const side = SIDE[station];
  const x = at.x + (side === "start" ? 48 : -48);
  return (
    <a
      href={`#${station}`}
      onClick={(event) => { event.preventDefault(); go(station); }}
      aria-label={worded ? undefined : `${face.big} ${face.name}. ${face.line}`}
      style={{ cursor: "pointer" }}
    >
      <circle cx={at.x} cy={at.y} r={38} fill={here ? "var(--mg-accent-fill)" : "var(--mg-surface)"} stroke={here ? "var(--mg-surface)" : "var(--mg-ink)"} strokeWidth={here ? 4 : 2} />
      <text x={at.x} y={at.y + size * 0.36} textAnchor="middle" fontSize={size} fontWeight={650} fill={here ? "#ffffff" : "var(--mg-ink)"}>{face.big}</text>
      {worded && (
        <>
          <text x={x} y={at.y - 3} textAnchor={side} fontSize={16} fontWeight={650} fill="var(--mg-ink)">{face.name}</text>
          <text x={x} y={at.y + 17} textAnchor={side} fontSize={13} fill="var(--mantine-color-dimmed)">{face.line}</text>
        </>
      )}
    </a>
  );
}
