/** The page's one ear for keys, and how a component adds its own while it is shown. */
import { useEffect, useSyncExternalStore, type DependencyList } from "react";

import { Keymap, type Binding } from "../core/keys.ts";

export const keymap = new Keymap();

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=range]), textarea, select, [contenteditable=true]";
const PRESSABLE = "button, a[href], summary, [role=menuitem], [role=tab], [role=option], [role=switch]";

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPING) !== null;
}

/** A focused button keeps its own Enter and Space; an option keeps only Space, so that Enter still sends. */
function isPressing(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target.closest(PRESSABLE) : null;
  if (!target || event.ctrlKey || event.metaKey) return false;
  const option = target.matches("[role=radio], [role=checkbox]");
  return event.key === " " || (event.key === "Enter" && !option);
}

function hear(event: KeyboardEvent): void {
  if (event.defaultPrevented || isPressing(event)) return;
  if (document.querySelector("[role=dialog][aria-modal=true], [role=menu]")) return; // a dialog has its own keys
  const binding = keymap.match(event, inField(event.target));
  if (!binding) return;
  event.preventDefault();
  binding.run();
}

let ears = 0;

interface Options {
  off?: boolean;
  /** Newer layers are heard first; a layer below gives way to those that are already there. */
  below?: boolean;
  /** What is beneath hears nothing. */
  exclusive?: boolean;
}

/** Bindings while the component is shown; `make` runs again when `deps` change. */
export function useKeys(make: () => Binding[], deps: DependencyList, { off = false, below = false, exclusive = false }: Options = {}): void {
  useEffect(() => {
    if (off) return;
    if (ears++ === 0) window.addEventListener("keydown", hear);
    const remove = keymap.layer(make(), { below, exclusive });
    return () => {
      remove();
      if (--ears === 0) window.removeEventListener("keydown", hear);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller says what its bindings depend on
  }, [...deps, off, below, exclusive]);
}

/** All bindings of now, for the list of keys. */
export function useBindings(): Binding[] {
  useSyncExternalStore(keymap.subscribe, keymap.version);
  return keymap.list();
}
