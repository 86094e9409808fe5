/**
 * Colours of labels: told apart with deuteranopia (after Okabe and Ito, 2008) and, beyond the colour, by a pattern.
 * The colour is for surfaces and marks beside words, never the only carrier and never the colour of text.
 */
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#6b5fb5", "#8a8d91"] as const;
export const PATTERNS = ["solid", "stripes", "dots", "bars", "checks"] as const;
export type Pattern = (typeof PATTERNS)[number];

export interface Mark {
  color: string;
  pattern: Pattern;
}

/** The mark of the nth option: eight colours, then the same with the next pattern. */
export function markOf(index: number, color?: string | null): Mark {
  const pattern = PATTERNS[Math.floor(index / COLORS.length) % PATTERNS.length] as Pattern;
  return { color: color ?? (COLORS[index % COLORS.length] as string), pattern };
}

/** CSS backgrounds of a mark. */
export function background({ color, pattern }: Mark): string {
  const gap = "rgba(255, 255, 255, 0.85)";
  switch (pattern) {
    case "stripes":
      return `repeating-linear-gradient(45deg, ${color} 0 3px, ${gap} 3px 5px)`;
    case "dots":
      return `radial-gradient(${gap} 28%, transparent 32%) 0 0 / 6px 6px, ${color}`;
    case "bars":
      return `repeating-linear-gradient(0deg, ${color} 0 3px, ${gap} 3px 5px)`;
    case "checks":
      return `repeating-conic-gradient(${color} 0 25%, ${gap} 0 50%) 0 0 / 8px 8px`;
    default:
      return color;
  }
}
