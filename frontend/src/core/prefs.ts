import { Observable } from "./observable.ts";
import type { Shelf } from "./shelf.ts";

/** How a person likes the desk; kept on this device. */
export interface Prefs {
  /** A key that completes the answer sends it too. */
  goOn: boolean;
  /** Guidelines lie open beside the item. */
  guidelines: boolean;
}

const KEY = "prefs";
const FIRST: Prefs = { goOn: false, guidelines: false };

export class PrefsStore extends Observable<Prefs> {
  constructor(private shelf: Shelf) {
    super({ ...FIRST, ...(shelf.get(KEY) as Partial<Prefs> | undefined) });
  }

  change(part: Partial<Prefs>): void {
    this.patch(part);
    this.shelf.set(KEY, this.snapshot());
  }
}
