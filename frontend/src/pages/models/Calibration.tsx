/** Does 90% mean 90%? Scores against the share that was right; on the diagonal the two agree. */
import { useTranslation } from "react-i18next";

import { percent } from "../../parts/numbers.ts";
import type { QuestionReport } from "./types.ts";

const SIDE = 260;
const EDGE = { left: 48, bottom: 40, top: 10, right: 14 };

export function Calibration({ bands }: { bands: QuestionReport["calibration"] }) {
  const { t } = useTranslation();
  const x = (value: number) => EDGE.left + value * SIDE;
  const y = (value: number) => EDGE.top + (1 - value) * SIDE;
  const most = Math.max(...bands.map(({ items }) => items), 1);
  return (
    <svg data-picture role="img" aria-label={t("models:calibration_label")} viewBox={`0 0 ${EDGE.left + SIDE + EDGE.right} ${EDGE.top + SIDE + EDGE.bottom}`} width="100%" style={{ maxWidth: 380, display: "block" }} fontSize={12} fontFamily="var(--mantine-font-family)">
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <g key={tick} fill="var(--mantine-color-dimmed)">
          <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} stroke="var(--mg-line)" />
          <text x={x(0) - 8} y={y(tick) + 4} textAnchor="end">{percent(tick, 0)}</text>
          <text x={x(tick)} y={y(0) + 18} textAnchor="middle">{percent(tick, 0)}</text>
        </g>
      ))}
      <text x={x(1)} y={y(0) + 35} textAnchor="end" fill="var(--mantine-color-dimmed)">{t("models:score")}</text>
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke="var(--mg-ink)" strokeDasharray="4 4" opacity={0.5} />
      <path d={bands.map(({ score, right }, index) => `${index ? "L" : "M"}${x(score).toFixed(1)} ${y(right).toFixed(1)}`).join("")} fill="none" stroke="var(--mg-accent)" strokeWidth={2} />
      {bands.map(({ low, score, right, items }) => <circle key={low} cx={x(score)} cy={y(right)} r={3 + 6 * Math.sqrt(items / most)} fill="var(--mg-accent)" fillOpacity={0.75}><title>{`${percent(score)} → ${percent(right)} (${items})`}</title></circle>)}
    </svg>
  );
}
