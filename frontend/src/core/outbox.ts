import type { Answers } from "./work.ts";
import { Observable } from "./observable.ts";
import type { Shelf } from "./shelf.ts";

/** One thing to tell the server about an assignment. */
export interface Letter {
  assignment: number;
  kind: "answer" | "skip";
  answers?: Answers;
  seconds: number;
  why?: string;
  /** Rising number: letters leave in this order. */
  at: number;
}

/**
 * What became of a letter: taken by the server; refused for good (the lease is another's, an answer that is
 * not legal); not through yet (no network, server restarting); or the person must sign in again.
 */
export type Fate =
  | { kind: "taken" }
  | { kind: "refused"; code: string; message: string }
  | { kind: "later" }
  | { kind: "signed_out" };

export type Send = (letter: Letter) => Promise<Fate>;

export interface OutboxState {
  waiting: number;
  /** Trying again because the network or the server is away. */
  offline: boolean;
  signedOut: boolean;
}

interface Timers {
  set: (run: () => void, ms: number) => unknown;
  clear: (timer: unknown) => void;
}

const browserTimers: Timers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => {
    clearTimeout(timer as number);
  },
};

/**
 * Answers on their way to the server. Each is on the shelf before `post` returns and leaves it only when the
 * server has said yes or no, so a closed page or a lost network loses nothing; sending one again is harmless,
 * because the same answer to the same assignment is the same answer.
 */
export class Outbox extends Observable<OutboxState> {
  private flight: Promise<void> | null = null;
  private sending: number | null = null;
  private timer: unknown = null;
  private failures = 0;
  private last = 0;

  constructor(
    private shelf: Shelf,
    private prefix: string,
    private send: Send,
    private onFate: (letter: Letter, fate: Fate) => void = () => undefined,
    private timers: Timers = browserTimers,
  ) {
    super({ waiting: 0, offline: false, signedOut: false });
    this.count();
  }

  /** Letters not yet acknowledged, oldest first. */
  letters(): Letter[] {
    const all = this.shelf.keys(this.prefix).map((key) => this.shelf.get(key) as Letter | undefined);
    return all.filter((letter) => letter !== undefined).sort((a, b) => a.at - b.at);
  }

  /** Keep a letter and set out; a newer letter about the same assignment replaces the older. */
  post(letter: Omit<Letter, "at">): void {
    this.last = Math.max(Date.now(), this.last + 1);
    this.shelf.set(this.key(letter.assignment), { ...letter, at: this.last });
    this.count();
    void this.flush();
  }

  /** Take back a letter that has not left; undefined when it is on its way or gone. */
  recall(assignment: number): Letter | undefined {
    if (this.sending === assignment) return undefined;
    const letter = this.shelf.get(this.key(assignment)) as Letter | undefined;
    if (letter) this.drop(assignment);
    return letter;
  }

  /** Send all that waits, in order; resolves when it is sent or cannot be sent now. */
  flush(): Promise<void> {
    this.flight ??= this.run().finally(() => {
      this.flight = null;
    });
    return this.flight;
  }

  /** Try at once: the network is back, or the person has signed in again. */
  wake(): Promise<void> {
    this.failures = 0;
    this.patch({ signedOut: false });
    return this.flush();
  }

  close(): void {
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = null;
  }

  private async run(): Promise<void> {
    this.close();
    for (let letter = this.letters()[0]; letter; letter = this.letters()[0]) {
      if (!(await this.deliver(letter))) return;
    }
  }

  /** True when the next letter may follow. */
  private async deliver(letter: Letter): Promise<boolean> {
    this.sending = letter.assignment;
    const fate = await this.send(letter).catch((): Fate => ({ kind: "later" }));
    this.sending = null;
    if (fate.kind === "later" || fate.kind === "signed_out") {
      this.hold(fate.kind);
      return false;
    }
    this.failures = 0;
    const kept = this.shelf.get(this.key(letter.assignment)) as Letter | undefined;
    if (kept?.at === letter.at) this.drop(letter.assignment); // not when a newer one took its place
    this.patch({ offline: false, signedOut: false });
    this.onFate(letter, fate);
    return true;
  }

  private hold(kind: "later" | "signed_out"): void {
    this.patch(kind === "later" ? { offline: true } : { signedOut: true });
    if (kind === "signed_out") return;
    this.failures += 1;
    const wait = Math.min(30_000, 500 * 2 ** this.failures);
    this.timer = this.timers.set(() => void this.flush(), wait);
  }

  private drop(assignment: number): void {
    this.shelf.remove(this.key(assignment));
    this.count();
  }

  private count(): void {
    this.patch({ waiting: this.shelf.keys(this.prefix).length });
  }

  private key(assignment: number): string {
    return `${this.prefix}${assignment}`;
  }
}
