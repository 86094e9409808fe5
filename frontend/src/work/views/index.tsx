/** How items are shown: every file beside this one, by the kind of item it shows. */
import type { WorkItem } from "../../core/work.ts";
import { Download } from "./Download.tsx";
import type { ItemView, ViewProps } from "./contract.ts";

const found = import.meta.glob<{ default: ItemView }>("./*.view.tsx", { eager: true });
const views = Object.values(found).map((one) => one.default);

export function viewOf(item: WorkItem): ItemView | undefined {
  return views.find((view) => view.shows(item));
}

/** The item as its kind is shown; a link to the file where no view knows it. */
export function Item(props: ViewProps) {
  const View = viewOf(props.item)?.View ?? Download;
  return <View {...props} />;
}
