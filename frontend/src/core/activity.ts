/**
 * Honest working time: seconds in which the person was there.
 *
 * A stretch without any sign of life counts 30 seconds at most, and nothing counts while the tab is hidden.
 * Moments are milliseconds of any steadily rising clock.
 */
export class ActiveClock {
  private active = 0;
  private last: number | null = null;

  constructor(
    private now: () => number = () => performance.now(),
    private idleAfter = 30_000,
  ) {}

  /** Begin again at zero. */
  start(visible = true): void {
    this.active = 0;
    this.last = visible ? this.now() : null;
  }

  /** The person moved, typed or touched. */
  touch(): void {
    this.settle();
  }

  hide(): void {
    this.settle();
    this.last = null;
  }

  show(): void {
    this.last ??= this.now();
  }

  /** Active seconds so far, to a tenth. */
  seconds(): number {
    return Math.round((this.active + this.running()) / 100) / 10;
  }

  /** Milliseconds since the last sign of life; without end while the tab is hidden. */
  quietFor(): number {
    return this.last === null ? Infinity : this.now() - this.last;
  }

  private running(): number {
    return this.last === null ? 0 : Math.min(this.now() - this.last, this.idleAfter);
  }

  private settle(): void {
    this.active += this.running();
    if (this.last !== null) this.last = this.now();
  }
}
