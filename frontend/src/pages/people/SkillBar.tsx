/** How reliable somebody's answers are: the estimate as a tick, what it may be as a bar, on a line from 0 to 100 %. */
import { Box, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { interval, percent } from "../../parts/numbers.ts";
import type { Member } from "./api.ts";

const LOW = 0.7;

export function SkillBar({ member: { skill, skill_low: low, skill_high: high } }: { member: Member }) {
  const { t } = useTranslation();
  if (skill == null) return <Text size="sm" c="dimmed">{t("people:too_few")}</Text>;
  const [from, to] = [low ?? skill, high ?? skill];
  const words = low == null ? percent(skill, 0) : t("people:skill_words", { skill: percent(skill, 0), interval: interval(from, to) });
  const color = to < LOW ? "var(--mg-warn)" : "var(--mg-ink)";
  return (
    <Box title={words}>
      <Text size="sm" className="mg-num" c={to < LOW ? "var(--mg-warn)" : undefined}>{percent(skill, 0)}{to < LOW && ` · ${t("people:low_skill")}`}</Text>
      <svg width="100%" height="10" role="img" aria-label={words} style={{ display: "block" }}>
        <line x1="0" x2="100%" y1="5" y2="5" stroke="var(--mg-line)" strokeWidth="2" />
        <line x1={`${from * 100}%`} x2={`${to * 100}%`} y1="5" y2="5" stroke={color} strokeOpacity="0.4" strokeWidth="6" />
        <line x1={`${skill * 100}%`} x2={`${skill * 100}%`} y1="0" y2="10" stroke={color} strokeWidth="2" />
      </svg>
    </Box>
  );
}
