/** What somebody dropped, understood before anything is sent. */
export interface Dropped<F = File> {
  /** With its folders, as in `cats/1.png`. */
  path: string;
  file: F;
}

export type Kind = "table" | "archive" | "files";

const TABLES = /\.(csv|tsv|jsonl|ndjson|json)$/i;
const ARCHIVES = /\.zip$/i;

/** One table or archive is read as rows; everything else is one item a file. */
export function kindOf(dropped: readonly { path: string }[]): Kind {
  const only = dropped.length === 1 ? dropped[0]?.path : undefined;
  if (only && TABLES.test(only)) return "table";
  if (only && ARCHIVES.test(only)) return "archive";
  return "files";
}

/** Files that no person made: `.DS_Store`, `Thumbs.db`, `__MACOSX/…`. */
export function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" || part === "Thumbs.db");
}

export interface FolderCount {
  name: string;
  count: number;
}

/** How many files lie directly in folders of which name: the labels, where folders are classes. */
export function folders(dropped: readonly { path: string }[]): FolderCount[] {
  const counts = new Map<string, number>();
  for (const { path } of dropped) {
    const parts = path.split("/");
    const name = parts.at(-2);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** Whether the folders can be classes: at least two, and every file is in one. */
export function areClasses(dropped: readonly { path: string }[]): boolean {
  const found = folders(dropped);
  return found.length > 1 && found.reduce((sum, { count }) => sum + count, 0) === dropped.length;
}

const NEWLINE = 10;

/** The head of a table up to a whole line, for a preview; null where cutting would break it. In bytes: the encoding is not known yet. */
export function head(file: Blob, name: string, start: Uint8Array<ArrayBuffer>): Blob | null {
  if (file.size <= start.length) return file;
  if (/\.json$/i.test(name)) return null;
  const end = start.lastIndexOf(NEWLINE);
  return end < 0 ? null : new Blob([start.subarray(0, end + 1)], { type: file.type });
}

/** Options out of pasted lines, or one line with commas; doubles and blanks left out. */
export function optionNames(pasted: string): string[] {
  const lines = pasted.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean);
  const parts = lines.length === 1 ? (lines[0] ?? "").split(/[,、，;\t]/) : lines;
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
}
