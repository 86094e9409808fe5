/** A value that can be watched; shaped for React's useSyncExternalStore, but knows nothing of React. */
export class Observable<T extends object> {
  private watchers = new Set<() => void>();

  constructor(private current: T) {}

  /** The value now; the same object until it changes. */
  snapshot = (): T => this.current;

  /** Calls `watcher` after every change until the returned function is called. */
  subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  };

  protected replace(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const watcher of [...this.watchers]) watcher();
  }

  protected patch(part: Partial<T>): void {
    this.replace({ ...this.current, ...part });
  }
}
