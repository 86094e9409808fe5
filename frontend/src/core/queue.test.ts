import { describe, expect, it } from "vitest";
import type { Fate, Letter } from "./outbox.ts";
import { WorkQueue, type Notice, type Transport } from "./queue.ts";
import { MemoryShelf } from "./shelf.ts";
import type { Assignment } from "./work.ts";

const HOUR = 3_600_000;

function task(id: number, expires = Date.now() + HOUR): Assignment {
  return {
    id,
    task: id,
    item: { id, text: `item ${id}` },
    questions: [{ name: "label", type: "choice", options: [{ name: "a" }, { name: "b" }] }],
    expires_at: new Date(expires).toISOString(),
  };
}

/** A server that lends tasks in order, as the real one does, and can be switched off. */
class Server implements Transport {
  got: Letter[] = [];
  up = true;
  warmed: number[] = [];
  private done: Assignment[] = [];

  constructor(private tasks: Assignment[]) {}

  lend(holding: number[]): Promise<Assignment | null> {
    if (!this.up) return Promise.reject(new Error("away"));
    const next = this.tasks.find((one) => !holding.includes(one.id) && !this.done.includes(one));
    return Promise.resolve(next ?? null);
  }

  deliver(letter: Letter): Promise<Fate> {
    if (!this.up) return Promise.resolve({ kind: "later" });
    this.got.push(letter);
    const one = this.tasks.find((other) => other.id === letter.assignment);
    if (one) this.done.push(one);
    return Promise.resolve({ kind: "taken" });
  }

  lendTask(task: number): Promise<Assignment | null> {
    const one = this.tasks.find((other) => other.task === task);
    return Promise.resolve(this.up && one ? { ...one, expires_at: new Date(Date.now() + 2 * HOUR).toISOString() } : null);
  }

  undo(): Promise<Assignment | null> {
    const last = this.done.pop();
    return Promise.resolve(last ? { ...last, answers: { label: "a" } } : null);
  }

  warm(assignment: Assignment): Promise<void> {
    this.warmed.push(assignment.id);
    return Promise.resolve();
  }
}

const tasks = (n: number) => Array.from({ length: n }, (_, i) => task(i + 1));
const settle = () => new Promise((done) => setTimeout(done, 5));

async function opened(server: Server, shelf = new MemoryShelf(), notices: Notice[] = []) {
  const queue = new WorkQueue(server, shelf, { name: "1.1", notice: (n) => notices.push(n) });
  await queue.open();
  return { queue, shelf, notices };
}

function answer(queue: WorkQueue, value = "a"): void {
  queue.set("label", value);
  expect(queue.submit()).toEqual([]);
}

describe("the work queue", () => {
  it("has three tasks ready behind the one at hand, media and all", async () => {
    const server = new Server(tasks(9));
    const { queue } = await opened(server);
    expect(queue.snapshot()).toMatchObject({ phase: "working", ahead: 3 });
    expect(server.warmed).toEqual([1, 2, 3, 4]);
  });

  it("shows the next task in the same breath as the answer", async () => {
    const { queue } = await opened(new Server(tasks(9)));
    answer(queue);
    expect(queue.snapshot().current?.id).toBe(2);
  });

  it("labels three more with the server away, and sends each answer once when it is back", async () => {
    const server = new Server(tasks(9));
    const { queue } = await opened(server);
    server.up = false;
    for (let i = 0; i < 4; i += 1) answer(queue);
    await settle();
    expect(queue.snapshot()).toMatchObject({ current: null, phase: "trouble" });
    expect(queue.snapshot().outbox).toMatchObject({ waiting: 4, offline: true });
    server.up = true;
    await queue.wake();
    await settle();
    expect(server.got.map((letter) => letter.assignment)).toEqual([1, 2, 3, 4]);
    expect(queue.snapshot().current?.id).toBe(5);
    queue.close();
  });

  it("does not send an answer with a required question open", async () => {
    const { queue } = await opened(new Server(tasks(2)));
    expect(queue.submit()).toEqual(["label"]);
    expect(queue.snapshot().current?.id).toBe(1);
  });

  it("keeps the draft when the page is killed", async () => {
    const server = new Server(tasks(5));
    const { queue, shelf } = await opened(server);
    queue.set("label", "b");
    const { queue: again } = await opened(server, shelf);
    expect(again.snapshot().answers).toEqual({ label: "b" });
  });

  it("sends what an earlier page left in the outbox", async () => {
    const server = new Server(tasks(5));
    const shelf = new MemoryShelf();
    server.deliver = () => new Promise(() => undefined); // never comes back
    const { queue } = await opened(server, shelf);
    answer(queue);
    const living = new Server(tasks(5));
    const { queue: again } = await opened(living, shelf);
    await settle();
    expect(living.got.map((letter) => letter.assignment)).toEqual([1]);
    expect(again.snapshot().current?.id).toBe(2);
  });

  it("reopens ten answers one after the other", async () => {
    const { queue } = await opened(new Server(tasks(20)));
    for (let i = 0; i < 12; i += 1) {
      answer(queue);
      await settle();
    }
    for (let id = 12; id > 2; id -= 1) {
      await queue.reopen();
      expect(queue.snapshot()).toMatchObject({ current: { id }, answers: { label: "a" } });
    }
    answer(queue, "b");
    expect(queue.snapshot().current?.id).toBe(4); // and forward again through the ones reopened
  });

  it("takes an unsent answer back without asking the server", async () => {
    const server = new Server(tasks(5));
    const { queue } = await opened(server);
    server.up = false;
    answer(queue, "b");
    await settle();
    await queue.reopen();
    expect(queue.snapshot()).toMatchObject({ current: { id: 1 }, answers: { label: "b" } });
    expect(queue.snapshot().outbox.waiting).toBe(0);
    queue.close();
  });

  it("says so when there is nothing to undo", async () => {
    const { queue, notices } = await opened(new Server(tasks(2)));
    await queue.reopen();
    expect(notices).toEqual([{ kind: "nothing_to_undo" }]);
    expect(queue.snapshot().current?.id).toBe(1);
  });

  it("undoes and redoes inside the task", async () => {
    const { queue } = await opened(new Server(tasks(2)));
    queue.set("label", "a");
    queue.set("label", "b");
    expect(queue.undoEdit()).toBe(true);
    expect(queue.snapshot().answers).toEqual({ label: "a" });
    expect(queue.redoEdit()).toBe(true);
    expect(queue.snapshot().answers).toEqual({ label: "b" });
  });

  it("passes over tasks whose time ran out while they waited, unless they hold a draft", async () => {
    let now = Date.now();
    const server = new Server([task(1, now + HOUR), task(2, now + 1000), task(3, now + HOUR)]);
    const queue = new WorkQueue(server, new MemoryShelf(), { name: "1.1", now: () => now });
    await queue.open();
    now += 5000;
    answer(queue);
    expect(queue.snapshot().current?.id).toBe(3);
  });

  it("has the task at hand lent for another term without touching the answer", async () => {
    const { queue } = await opened(new Server(tasks(3)));
    queue.set("label", "b");
    expect(await queue.renew()).toBe(true);
    expect(queue.remaining()).toBeGreaterThan(HOUR);
    expect(queue.snapshot().answers).toEqual({ label: "b" });
  });

  it("works on a certain task first and comes back to the one at hand", async () => {
    const { queue } = await opened(new Server(tasks(9)));
    expect(await queue.pick(7)).toBe(true);
    expect(queue.snapshot().current?.id).toBe(7);
    answer(queue);
    expect(queue.snapshot().current?.id).toBe(1);
    expect(await queue.pick(99)).toBe(false);
  });

  it("is empty when there is no work, and wakes when there is", async () => {
    const list: Assignment[] = [];
    const { queue } = await opened(new Server(list));
    expect(queue.snapshot().phase).toBe("empty");
    list.push(task(1));
    await queue.wake();
    expect(queue.snapshot()).toMatchObject({ phase: "working", current: { id: 1 } });
  });

  it("tells when the server will not take an answer", async () => {
    const server = new Server(tasks(3));
    server.deliver = () => Promise.resolve({ kind: "refused", code: "assignment.lost", message: "lent anew" });
    const { queue, notices } = await opened(server);
    answer(queue);
    await settle();
    expect(notices[0]).toMatchObject({ kind: "refused", code: "assignment.lost" });
    expect(queue.snapshot().current?.id).toBe(2);
  });
});
