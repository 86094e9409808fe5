/** Undo and redo inside one task: whole values, since an answer is small and never changed in place. */
export class History<V> {
  private past: V[] = [];
  private future: V[] = [];

  constructor(
    private current: V,
    private depth = 500,
  ) {}

  get value(): V {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Take a new value; what was undone before is forgotten. */
  push(value: V): void {
    if (same(value, this.current)) return;
    this.past.push(this.current);
    if (this.past.length > this.depth) this.past.shift();
    this.current = value;
    this.future = [];
  }

  /** Back one step; false when there is none. */
  undo(): boolean {
    return this.step(this.past, this.future);
  }

  redo(): boolean {
    return this.step(this.future, this.past);
  }

  private step(from: V[], to: V[]): boolean {
    if (from.length === 0) return false;
    to.push(this.current);
    this.current = from.pop() as V;
    return true;
  }
}

/** Equal as JSON: what the server would see. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
