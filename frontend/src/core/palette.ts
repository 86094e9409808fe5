/** Marks of labels: a colour and, once the colours are used up, a pattern, so that no two look alike. */
export const PATTERNS = ["solid", "stripes", "dots", "bars", "checks"] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The pattern of the nth label where `colours` colours come round again. */
export function patternOf(index: number, colours: number): Pattern {
  return PATTERNS[Math.floor(index / colours) % PATTERNS.length] ?? "solid";
}

/** The CSS background of a colour with a pattern. */
export function background(color: string, pattern: Pattern): string {
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
