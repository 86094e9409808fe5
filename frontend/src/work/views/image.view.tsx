/** A picture: fitted at first, zoomed where the pointer is, tiny ones with their pixels as they are. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { isTiny, type Size } from "../../core/viewport.ts";
import { Icon } from "../../parts/index.tsx";
import { percent } from "../../parts/numbers.ts";
import { useKeys } from "../useKeys.ts";
import type { ItemView, ViewProps } from "./contract.ts";
import { decode, sizeOf } from "./images.ts";
import { useViewport } from "./useViewport.ts";
import classes from "./views.module.css";

function View({ item, keys = false }: ViewProps) {
  const url = item.url ?? "";
  return <Picture key={url} url={url} name={item.key ?? ""} keys={keys} />;
}

function Picture({ url, name, keys }: { url: string; name: string; keys: boolean }) {
  const { t } = useTranslation();
  const [size, setSize] = useState<Size | null>(() => sizeOf(url));
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    if (size) return;
    let here = true;
    decode(url).then(
      () => here && setSize(sizeOf(url)),
      () => here && setBroken(true),
    );
    return () => {
      here = false;
    };
  }, [url, size]);
  const { frame, view, held, fitted, toFit, zoom } = useViewport(size);
  useKeys(
    () => [
      { id: "view.fit", keys: ["f", "0"], label: t("work:key_fit"), group: t("work:keys_view"), run: toFit },
      { id: "view.in", keys: ["+", "="], label: t("work:key_zoom_in"), group: t("work:keys_view"), run: () => zoom(1.25), repeats: true },
      { id: "view.out", keys: ["-"], label: t("work:key_zoom_out"), group: t("work:keys_view"), run: () => zoom(0.8), repeats: true },
    ],
    [t, toFit, zoom],
    { off: !keys, below: true },
  );
  const tool = (label: string, run: () => void, icon: "plus" | "minus") => (
    <button type="button" className={classes.tool} aria-label={label} title={label} onMouseDown={(event) => event.preventDefault()} onClick={run}><Icon name={icon} size={16} /></button>
  );
  return (
    <div ref={frame} className={classes.frame} data-held={held || undefined} onDoubleClick={toFit}>
      {size && view && (
        <img src={url} alt={t("work:image_alt", { name })} width={size.width} height={size.height} decoding="sync" draggable={false} className={classes.image} data-tiny={isTiny(size) || view.scale >= 4 || undefined} style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }} />
      )}
      {broken && <div className={classes.broken}><Icon name="image" size={32} />{t("work:image_broken")}</div>}
      {size && view && keys && (
        <div className={classes.tools} data-fitted={fitted || undefined}>
          {tool(t("work:key_zoom_out"), () => zoom(0.8), "minus")}
          <button type="button" className={`${classes.tool} ${classes.percent}`} title={t("work:key_fit")} aria-label={t("work:key_fit")} onMouseDown={(event) => event.preventDefault()} onClick={toFit}>{fitted ? t("work:fitted") : percent(view.scale, 0)}</button>
          {tool(t("work:key_zoom_in"), () => zoom(1.25), "plus")}
        </div>
      )}
    </div>
  );
}

const view: ItemView = {
  name: "image",
  shows: (item) => Boolean(item.url) && (item.mime?.startsWith("image/") ?? false),
  View,
  warm: async (item) => {
    if (item.url) await decode(item.url);
  },
};
export default view;
