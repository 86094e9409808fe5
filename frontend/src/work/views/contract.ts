/** What the page asks of an item view: one file here for each kind of item, found by its name. */
import type { ComponentType } from "react";

import type { WorkItem } from "../../core/work.ts";

export interface ViewProps {
  item: WorkItem;
  /** Hear the keys of the view (zoom); false where several items are on the page. */
  keys?: boolean;
}

export interface ItemView {
  name: string;
  /** Whether this view shows the item; the first that does is taken. */
  shows: (item: WorkItem) => boolean;
  View: ComponentType<ViewProps>;
  /** Have what the view needs at hand before it is shown. */
  warm?: (item: WorkItem) => Promise<void>;
}
