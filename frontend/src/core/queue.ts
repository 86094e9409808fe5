import { ActiveClock } from "./activity.ts";
import { History } from "./history.ts";
import { Observable } from "./observable.ts";
import { Outbox, type Fate, type Letter, type OutboxState } from "./outbox.ts";
import type { Shelf } from "./shelf.ts";
import { given, missing, type Answers, type Assignment, type Value } from "./work.ts";

/** What the queue needs from the outside. */
export interface Transport {
  /** The next task that is not among `holding`; null when there is none; throws when the server is away. */
  lend(holding: number[]): Promise<Assignment | null>;
  deliver(letter: Letter): Promise<Fate>;
  /** One certain task, also one of mine with a later deadline; null when it is not to be had. */
  lendTask(task: number, holding: number[]): Promise<Assignment | null>;
  /** Reopen my last answer; null when there is none to reopen. */
  undo(): Promise<Assignment | null>;
  /** Have the item's media decoded, so that painting it costs nothing. */
  warm(assignment: Assignment): Promise<void>;
}

export interface Past {
  assignment: Assignment;
  answers: Answers | null;
  kind: "answer" | "skip";
}

export interface QueueState {
  /** loading: nothing to show yet; working; empty: no task for me now; trouble: the server cannot be reached. */
  phase: "loading" | "working" | "empty" | "trouble" | "signed_out";
  current: Assignment | null;
  answers: Answers;
  /** Tasks ready behind the current one. */
  ahead: number;
  /** Answers of this visit, newest last. */
  past: Past[];
  busy: "undo" | null;
  /** Rises with every task shown, so that the page knows it must begin anew. */
  turn: number;
  canUndo: boolean;
  canRedo: boolean;
  outbox: OutboxState;
}

export type Notice =
  | { kind: "refused"; letter: Letter; code: string; message: string }
  | { kind: "nothing_to_undo" }
  | { kind: "undo_failed" }
  | { kind: "not_kept" };

export interface QueueOptions {
  /** Own prefix on the shelf: person and project. */
  name: string;
  ahead?: number;
  clock?: ActiveClock;
  now?: () => number;
  notice?: (notice: Notice) => void;
}

const REMEMBERED = 50;

/**
 * One person's work on one project: the task at hand, those behind it, and what has been answered.
 *
 * The next task is always here before it is asked for; an answer is kept on the shelf and the next task shown in
 * the same breath, while the outbox tells the server.
 */
export class WorkQueue extends Observable<QueueState> {
  readonly clock: ActiveClock;
  readonly outbox: Outbox;
  private held: Assignment[] = [];
  private history = new History<Answers>({});
  private filling: Promise<void> | null = null;
  private closed = false;
  private readonly ahead: number;
  private readonly now: () => number;
  private readonly notice: (notice: Notice) => void;

  constructor(
    private transport: Transport,
    private shelf: Shelf,
    private options: QueueOptions,
  ) {
    super({
      phase: "loading",
      current: null,
      answers: {},
      ahead: 0,
      past: [],
      busy: null,
      turn: 0,
      canUndo: false,
      canRedo: false,
      outbox: { waiting: 0, offline: false, signedOut: false },
    });
    this.ahead = options.ahead ?? 3;
    this.now = options.now ?? (() => Date.now());
    this.notice = options.notice ?? (() => undefined);
    this.clock = options.clock ?? new ActiveClock();
    this.outbox = new Outbox(shelf, `outbox.${options.name}.`, (l) => transport.deliver(l), this.settled);
    this.outbox.subscribe(() => {
      this.patch({ outbox: this.outbox.snapshot() });
    });
  }

  /** Send what an earlier visit left behind, then fetch work. */
  async open(): Promise<void> {
    this.closed = false;
    this.patch({ outbox: this.outbox.snapshot() });
    void this.outbox.flush();
    await this.refill();
  }

  close(): void {
    this.closed = true;
    this.outbox.close();
  }

  /** Look again for work: something changed on the server, or the network is back. */
  async wake(): Promise<void> {
    void this.outbox.wake();
    await this.refill();
  }

  /** Answer a question of the task at hand; undefined takes the answer back. */
  set(question: string, value: Value): void {
    this.history.push({ ...this.state.answers, [question]: value });
    this.edited();
  }

  /** One step back inside the task; false when there is none. */
  undoEdit(): boolean {
    return this.history.undo() && this.edited();
  }

  redoEdit(): boolean {
    return this.history.redo() && this.edited();
  }

  /** Names of required questions still open; sent and on to the next task when there are none. */
  submit(): string[] {
    const { current, answers } = this.state;
    if (!current || this.state.busy) return [];
    const open = missing(current.questions, answers);
    if (open.length > 0) return open;
    this.finish(current, { kind: "answer", answers: given(answers) });
    return [];
  }

  skip(why: string): void {
    const { current } = this.state;
    if (current && !this.state.busy) this.finish(current, { kind: "skip", why });
  }

  /** Reopen my last answer: from the outbox while it is still here, else from the server. */
  async reopen(): Promise<void> {
    if (this.state.busy) return;
    this.patch({ busy: "undo" });
    try {
      const last = this.lastAnswer();
      const back = (last && this.recalled(last)) ?? (await this.fetchLast());
      if (back) this.show(back, true);
      else this.notice({ kind: "nothing_to_undo" });
    } catch {
      this.notice({ kind: "undo_failed" });
    } finally {
      this.patch({ busy: null });
    }
  }

  /** Milliseconds until the task at hand is no longer mine; negative when the time is over. */
  remaining(): number {
    const { current } = this.state;
    return current ? Date.parse(current.expires_at) - this.now() : Infinity;
  }

  /** Have the task at hand lent for another full term; false when it is no longer mine. */
  async renew(): Promise<boolean> {
    const { current } = this.state;
    if (!current) return false;
    const others = this.holding().filter((id) => id !== current.id);
    const lent = await this.transport.lendTask(current.task, others).catch(() => null);
    if (lent?.id !== current.id || this.state.current?.id !== current.id) return false;
    this.patch({ current: { ...this.state.current, expires_at: lent.expires_at } });
    return true;
  }

  /** Work on one certain task next; false when it is not to be had. */
  async pick(task: number): Promise<boolean> {
    if (this.state.current?.task === task) return true;
    const held = this.held.find((one) => one.task === task);
    const lent = held ?? (await this.transport.lendTask(task, this.holding()).catch(() => null));
    if (!lent) return false;
    await this.transport.warm(lent).catch(() => undefined);
    this.show(lent, true);
    return true;
  }

  /** Fetch tasks until enough are ready behind the current one. */
  refill(): Promise<void> {
    this.filling ??= this.fill().finally(() => {
      this.filling = null;
    });
    return this.filling;
  }

  private get state(): QueueState {
    return this.snapshot();
  }

  private async fill(): Promise<void> {
    while (!this.closed && this.held.length < this.ahead + (this.state.current ? 0 : 1)) {
      const outcome = await this.fetchOne();
      if (outcome !== "one") {
        if (!this.state.current) this.patch({ phase: outcome });
        return;
      }
    }
  }

  private async fetchOne(): Promise<"one" | "empty" | "trouble" | "signed_out"> {
    try {
      const lent = await this.transport.lend(this.holding());
      if (!lent || this.holding().includes(lent.id)) return "empty";
      await this.transport.warm(lent).catch(() => undefined);
      this.take(lent);
      return "one";
    } catch (error) {
      return isSignedOut(error) ? "signed_out" : "trouble";
    }
  }

  /** Assignments that are mine already: in hand, behind it, and answered but not yet acknowledged. */
  private holding(): number[] {
    const { current } = this.state;
    const posted = this.outbox.letters().map((letter) => letter.assignment);
    return [...new Set([...(current ? [current.id] : []), ...this.held.map((one) => one.id), ...posted])];
  }

  private take(lent: Assignment): void {
    this.held.push(lent);
    if (this.state.current) this.patch({ ahead: this.held.length });
    else this.next();
  }

  private finish(current: Assignment, what: { kind: "answer" | "skip"; answers?: Answers; why?: string }): void {
    this.outbox.post({ assignment: current.id, seconds: this.clock.seconds(), ...what });
    this.shelf.remove(this.draftKey(current.id));
    const past = [...this.state.past, { assignment: current, answers: what.answers ?? null, kind: what.kind }];
    this.patch({ past: past.slice(-REMEMBERED), current: null });
    this.next();
    void this.refill();
  }

  private next(): void {
    this.held = this.held.filter((one) => Date.parse(one.expires_at) > this.now() || this.hasDraft(one.id));
    const next = this.held.shift();
    if (next) this.show(next);
    else this.patch({ current: null, ahead: 0, answers: {}, phase: "loading", turn: this.state.turn + 1 });
  }

  private show(assignment: Assignment, again = false): void {
    const { current } = this.state;
    if (again && current) this.held.unshift(current);
    this.held = this.held.filter((one) => one.id !== assignment.id);
    const answers = (this.shelf.get(this.draftKey(assignment.id)) as Answers | undefined) ?? assignment.answers ?? {};
    this.history = new History(answers);
    this.clock.start();
    this.patch({
      phase: "working",
      current: assignment,
      answers,
      ahead: this.held.length,
      turn: this.state.turn + 1,
      canUndo: false,
      canRedo: false,
    });
  }

  private edited(): true {
    const { current } = this.state;
    const answers = this.history.value;
    this.patch({ answers, canUndo: this.history.canUndo, canRedo: this.history.canRedo });
    if (current && !this.shelf.set(this.draftKey(current.id), answers)) this.notice({ kind: "not_kept" });
    return true;
  }

  private lastAnswer(): Past | undefined {
    return this.state.past.at(-1);
  }

  private recalled(last: Past): Assignment | undefined {
    const letter = this.outbox.recall(last.assignment.id);
    if (!letter) return undefined;
    this.patch({ past: this.state.past.slice(0, -1) });
    return { ...last.assignment, answers: last.answers };
  }

  private async fetchLast(): Promise<Assignment | null> {
    await this.outbox.flush();
    const back = await this.transport.undo();
    if (!back) return null;
    await this.transport.warm(back).catch(() => undefined);
    this.patch({ past: this.state.past.filter((one) => one.assignment.id !== back.id) });
    return back;
  }

  private settled = (letter: Letter, fate: Fate): void => {
    if (fate.kind === "refused") this.notice({ kind: "refused", letter, code: fate.code, message: fate.message });
    if (!this.state.current && !this.closed) void this.refill();
  };

  private hasDraft(assignment: number): boolean {
    return this.shelf.get(this.draftKey(assignment)) !== undefined;
  }

  private draftKey(assignment: number): string {
    return `draft.${this.options.name}.${assignment}`;
  }
}

function isSignedOut(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { status?: number }).status === 401;
}
