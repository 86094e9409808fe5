/** Paper and ink, one accent: the colours, type and spacing of every page. */
import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** Vermilion. 6 is the mark's own; text on paper and buttons with white text use 7, which keeps 4.5 : 1. */
const vermilion: MantineColorsTuple = [
  "#fdf1ee", "#fae0da", "#f3bdb2", "#ec9787", "#e8806d", "#dd5940", "#d6452c", "#bd3921", "#a12e19", "#832412",
];
const gray: MantineColorsTuple = [
  "#faf8f5", "#f4f1ec", "#eae6df", "#dcd7ce", "#c4beb3", "#a09a8f", "#69645c", "#54504a", "#393733", "#22262e",
];
const dark: MantineColorsTuple = [
  "#e9e7e3", "#d2cfc9", "#aaa7a1", "#8d8b87", "#4b505a", "#3a3f49", "#2b2f38", "#191c22", "#15181d", "#101216",
];

export const theme = createTheme({
  primaryColor: "vermilion",
  primaryShade: { light: 7, dark: 7 },
  colors: { vermilion, gray, dark },
  black: "#22262e",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK JP", monospace',
  defaultRadius: "md",
  radius: { xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "26px", lineHeight: "1.3" }, h2: { fontSize: "19px", lineHeight: "1.4" }, h3: { fontSize: "16px", lineHeight: "1.45" } } },
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Paper: { defaultProps: { bg: "var(--mg-surface)" } },
    Card: { defaultProps: { bg: "var(--mg-surface)", withBorder: true, padding: "lg" } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } },
    Modal: { defaultProps: { centered: true, radius: "lg", transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 140 } } },
    Menu: { defaultProps: { transitionProps: { duration: 100 } } },
    Button: { defaultProps: { radius: "md" } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: { "--mg-accent": "#d6452c", "--mg-accent-fill": "#bd3921" },
  light: {
    "--mantine-color-body": "#faf8f5",
    "--mantine-color-text": "#22262e",
    "--mantine-color-dimmed": "#69645c",
    "--mantine-color-default-border": "#e0dbd2",
    "--mantine-color-anchor": "#a8331d",
    "--mg-surface": "#fffefc",
    "--mg-sunken": "#f4f1ec",
    "--mg-line": "#e0dbd2",
    "--mg-ink": "#22262e",
    "--mg-accent-text": "#a8331d",
    "--mg-good": "#1f6f54",
    "--mg-warn": "#8a5a00",
    "--mg-bad": "#a8331d",
  },
  dark: {
    "--mantine-color-body": "#191c22",
    "--mantine-color-text": "#e9e7e3",
    "--mantine-color-dimmed": "#aaa7a1",
    "--mantine-color-default-border": "#363b45",
    "--mantine-color-anchor": "#f08a77",
    "--mg-surface": "#20242c",
    "--mg-sunken": "#15181d",
    "--mg-line": "#363b45",
    "--mg-ink": "#e9e7e3",
    "--mg-accent-text": "#f08a77",
    "--mg-good": "#6cc3a3",
    "--mg-warn": "#e0b45c",
    "--mg-bad": "#f08a77",
  },
});

/** Label colours that stay apart with deuteranopia (after Okabe and Ito), in the order labels take them. */
export const LABEL_COLOURS = [
  "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8378", "#b8a800", "#5b3a8e", "#3b4a54",
] as const;

/** The colour of the n-th label, unless it was given its own. */
export function labelColour(index: number, own?: string | null): string {
  return own ?? LABEL_COLOURS[index % LABEL_COLOURS.length] ?? LABEL_COLOURS[0];
}
