/** Who is taken for whom: rows are the truth, columns the answer; each row is coloured by its share. */
import { useTranslation } from "react-i18next";

import { count, percent } from "../../parts/numbers.ts";

const WIDE = 480; // the matrix grows no wider while its cells stay readable
const HEAD = 96;
const LETTER = 8;

function short(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

export function Heatmap({ classes, matrix }: { classes: string[]; matrix: number[][] }) {
  const { t } = useTranslation();
  const cell = Math.max(30, Math.min(76, Math.floor(WIDE / classes.length)));
  const turned = classes.some((name) => Math.min(name.length, 9) * LETTER > cell);
  const size = cell * classes.length;
  return (
    <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t("models:confusion")}>
      <svg data-picture role="img" aria-label={t("models:confusion_label")} width={HEAD + size + 8} height={HEAD + size + 8} fontSize={12} fontFamily="var(--mantine-font-family)" style={{ display: "block" }}>
        <text x={HEAD + size / 2} y={12} textAnchor="middle" fill="var(--mantine-color-dimmed)">{t("models:answer")}</text>
        <text transform={`translate(10 ${HEAD + size / 2}) rotate(-90)`} textAnchor="middle" fill="var(--mantine-color-dimmed)">{t("models:truth")}</text>
        {classes.map((name, index) => {
          const middle = HEAD + cell * (index + 0.5);
          return (
            <g key={name} fill="var(--mg-ink)">
              <text x={HEAD - 8} y={middle + 4} textAnchor="end">{short(name, 9)}</text>
              <text transform={`translate(${middle + (turned ? 4 : 0)} ${HEAD - 8}) rotate(-${turned ? 60 : 0})`} textAnchor={turned ? "start" : "middle"}>{short(name, 9)}</text>
            </g>
          );
        })}
        {matrix.map((row, truth) => <Cells key={classes[truth]} row={row} truth={truth} classes={classes} cell={cell} />)}
      </svg>
    </div>
  );
}

function Cells({ row, truth, classes, cell }: { row: number[]; truth: number; classes: string[]; cell: number }) {
  const { t } = useTranslation();
  const total = row.reduce((sum, value) => sum + value, 0);
  return (
    <g>
      {row.map((value, answer) => {
        const share = total > 0 ? value / total : 0;
        const right = truth === answer;
        const x = HEAD + cell * answer;
        const y = HEAD + cell * truth;
        return (
          <g key={classes[answer]}>
            <title>{t("models:cell", { truth: classes[truth], answer: classes[answer], shown: count(value), share: percent(share, 0) })}</title>
            <rect x={x + 1} y={y + 1} width={cell - 2} height={cell - 2} rx={4} fill={right ? "var(--mg-ink)" : "var(--mg-accent)"} fillOpacity={value === 0 ? 0.03 : right ? 0.1 + 0.75 * share : 0.15 + 0.85 * share} />
            {value > 0 && <text x={x + cell / 2} y={y + cell / 2 + 4} textAnchor="middle" fill={share > 0.5 ? "var(--mantine-color-body)" : "var(--mg-ink)"}>{count(value)}</text>}
          </g>
        );
      })}
    </g>
  );
}
