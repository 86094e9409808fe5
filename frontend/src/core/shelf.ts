/**
 * What must outlive the page: drafts and answers not yet acknowledged.
 *
 * One key an entry, so that two tabs never overwrite each other's work, and written at once, so that
 * an answer is safe before the next task is painted.
 */
export interface Shelf {
  get(key: string): unknown;
  /** False when the browser refuses to keep it (storage full or switched off). */
  set(key: string, value: unknown): boolean;
  remove(key: string): void;
  keys(prefix: string): string[];
}

/** A shelf in the browser's local storage; falls back to memory where storage is switched off. */
export class LocalShelf implements Shelf {
  private memory = new MemoryShelf();

  constructor(
    private storage: Storage | undefined = browserStorage(),
    private root = "meguri.",
  ) {}

  get(key: string): unknown {
    const text = this.storage?.getItem(this.root + key);
    return text == null ? this.memory.get(key) : parse(text);
  }

  set(key: string, value: unknown): boolean {
    try {
      if (!this.storage) throw new Error("no storage");
      this.storage.setItem(this.root + key, JSON.stringify(value));
      return true;
    } catch {
      this.memory.set(key, value);
      return false;
    }
  }

  remove(key: string): void {
    this.storage?.removeItem(this.root + key);
    this.memory.remove(key);
  }

  keys(prefix: string): string[] {
    const found = new Set(this.memory.keys(prefix));
    const start = this.root + prefix;
    for (let i = 0; i < (this.storage?.length ?? 0); i += 1) {
      const key = this.storage?.key(i);
      if (key?.startsWith(start)) found.add(key.slice(this.root.length));
    }
    return [...found].sort();
  }
}

/** A shelf that lives as long as the page. */
export class MemoryShelf implements Shelf {
  private entries = new Map<string, string>();

  get(key: string): unknown {
    const text = this.entries.get(key);
    return text === undefined ? undefined : parse(text);
  }

  set(key: string, value: unknown): boolean {
    this.entries.set(key, JSON.stringify(value));
    return true;
  }

  remove(key: string): void {
    this.entries.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function browserStorage(): Storage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined; // refused by the browser's privacy settings
  }
}
