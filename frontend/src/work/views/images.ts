/** Pictures decoded before they are needed, so that showing one costs no wait. */
import type { Size } from "../../core/viewport.ts";

const KEPT = 24;
const ready = new Map<string, HTMLImageElement>();

/** Fetch and decode; the picture then paints in the frame it is put on the page. */
export async function decode(url: string): Promise<HTMLImageElement> {
  const known = ready.get(url);
  if (known) return known;
  const image = new Image();
  image.src = url;
  await image.decode();
  ready.set(url, image);
  const oldest = ready.keys().next().value;
  if (ready.size > KEPT && oldest !== undefined) ready.delete(oldest);
  return image;
}

/** The picture's size in its own pixels, if it is here already. */
export function sizeOf(url: string): Size | null {
  const image = ready.get(url);
  return image ? { width: image.naturalWidth || 1, height: image.naturalHeight || 1 } : null;
}
