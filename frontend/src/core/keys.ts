/**
 * Keys of the workbench.
 *
 * Digits are physical (`event.code`), so that 1 is the same finger on US, JIS and AZERTY keyboards and on the
 * number pad; letters and signs are what is printed, and physical again where an input method turns them into
 * kana. While an input method composes (`isComposing`, key code 229) nothing is heard, and inside a text field
 * only bindings that ask for it.
 */
export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing?: boolean;
  keyCode?: number;
  repeat?: boolean;
}

export interface Binding {
  /** Stable name; what a person's own keys are remembered by. */
  id: string;
  /** Combinations as `combo` writes them: "1", "enter", "mod+z", "?". The first is the one shown. */
  keys: string[];
  /** Words for the list of keys. */
  label: string;
  group?: string;
  run: () => void;
  /** Heard inside text fields too (mod+enter, escape). */
  inFields?: boolean;
  /** Heard again while held down. */
  repeats?: boolean;
}

const NAMES: Record<string, string> = { " ": "space", Esc: "escape" };
const PRINTED = /^[a-z]$/;

/** The combination pressed, or null for a press that is not ours to hear. */
export function combo(press: KeyPress): string | null {
  if (press.isComposing || press.keyCode === 229 || press.key === "Process" || press.key === "Dead") return null;
  const key = keyName(press);
  if (key === null) return null;
  const sign = key.length === 1 && !/[a-z0-9]/.test(key);
  const shift = press.shiftKey && !sign ? "shift+" : "";
  return `${press.ctrlKey || press.metaKey ? "mod+" : ""}${press.altKey ? "alt+" : ""}${shift}${key}`;
}

function keyName(press: KeyPress): string | null {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(press.code);
  if (digit && !press.shiftKey) return digit[1] ?? null;
  if (digit && press.shiftKey && press.key.length === 1 && !/[0-9]/.test(press.key)) return press.key;
  const lower = press.key.toLowerCase();
  if (PRINTED.test(lower)) return lower;
  const letter = /^Key([A-Z])$/.exec(press.code);
  if (letter?.[1]) return letter[1].toLowerCase(); // kana and other scripts: the physical key
  if (["control", "shift", "alt", "meta"].includes(lower)) return null;
  return NAMES[press.key] ?? lower;
}

interface Layer {
  bindings: Map<string, Binding>;
  /** Keys below are not heard while this layer is up (a dialog). */
  exclusive: boolean;
}

/** Layers of bindings; the newest hears first. */
export class Keymap {
  private layers: Layer[] = [];
  private own: Record<string, string[]> = {};
  private watchers = new Set<() => void>();
  private changes = 0;

  /** A person's own keys by binding id; they replace the keys the binding came with. */
  remap(own: Record<string, string[]>): void {
    this.own = own;
    this.changed();
  }

  /** Add a layer above all others (but under an exclusive one), or below them; the returned function takes it away. */
  layer(bindings: Binding[], { exclusive = false, below = false } = {}): () => void {
    const layer: Layer = { bindings: new Map(bindings.map((b) => [b.id, b])), exclusive };
    const isAbove = (other: Layer) => below || (other.exclusive && !exclusive);
    const place = this.layers.findIndex(isAbove);
    this.layers.splice(place < 0 ? this.layers.length : place, 0, layer);
    this.changed();
    return () => {
      this.layers = this.layers.filter((other) => other !== layer);
      this.changed();
    };
  }

  /** Keys of a binding as they are now. */
  keysOf(binding: Binding): string[] {
    return this.own[binding.id] ?? binding.keys;
  }

  /** All that can be pressed now, for the list of keys. */
  list(): Binding[] {
    return this.heard().flatMap((layer) => [...layer.bindings.values()]);
  }

  /** The binding a press means, or undefined. */
  match(press: KeyPress, inField: boolean): Binding | undefined {
    const pressed = combo(press);
    if (pressed === null) return undefined;
    for (const layer of this.heard()) {
      for (const binding of layer.bindings.values()) {
        if (!this.keysOf(binding).includes(pressed)) continue;
        if (inField && !binding.inFields) continue;
        if (press.repeat && !binding.repeats) continue;
        return binding;
      }
    }
    return undefined;
  }

  /** Changes whenever what can be pressed changes. */
  version = (): number => this.changes;

  subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  };

  private heard(): Layer[] {
    const newest = [...this.layers].reverse();
    const stop = newest.findIndex((layer) => layer.exclusive);
    return stop < 0 ? newest : newest.slice(0, stop + 1);
  }

  private changed(): void {
    this.changes += 1;
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** A key as people read it: "mod+z" → "Ctrl Z", "enter" → "↵". */
export function printed(keys: string, mac = false): string {
  const signs: Record<string, string> = {
    mod: mac ? "⌘" : "Ctrl",
    alt: mac ? "⌥" : "Alt",
    shift: "⇧",
    enter: "↵",
    backspace: "⌫",
    escape: "Esc",
    space: "Space",
    arrowleft: "←",
    arrowright: "→",
    arrowup: "↑",
    arrowdown: "↓",
  };
  return keys
    .split(/(?<=.)\+(?=.)/)
    .map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}
