import { useState } from "react";

import { Icon } from "../../parts/index.tsx";
import type { ItemRow } from "./api.ts";

const TINY = 64; // pixels

/** The item's small picture; those of few pixels are shown as they are. */
export function Thumb({ item, className }: { item: ItemRow; className?: string }) {
  const [tiny, setTiny] = useState(false);
  if (!item.thumbnail) return <span style={{ display: "grid", placeItems: "center", height: "100%" }}><Icon name="file" size={28} /></span>;
  return <img src={item.thumbnail} alt="" loading="lazy" decoding="async" className={className} data-tiny={tiny || undefined} onLoad={(event) => setTiny(event.currentTarget.naturalWidth <= TINY)} />;
}
