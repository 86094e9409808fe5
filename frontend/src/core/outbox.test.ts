import { expect, it } from "vitest";
import { Outbox, type Fate, type Letter } from "./outbox.ts";
import { MemoryShelf } from "./shelf.ts";

const answer = (assignment: number): Omit<Letter, "at"> => ({
  assignment,
  kind: "answer",
  answers: { label: "a" },
  seconds: 1,
});

/** A server whose next fates are scripted; "taken" when the script is over. */
function server(...script: Fate[]) {
  const got: number[] = [];
  const send = (letter: Letter): Promise<Fate> => {
    got.push(letter.assignment);
    return Promise.resolve(script.shift() ?? { kind: "taken" });
  };
  return { got, send };
}

/** Timers that fire when told. */
function handTimers() {
  const waiting: { run: () => void; ms: number }[] = [];
  return {
    waiting,
    timers: { set: (run: () => void, ms: number) => waiting.push({ run, ms }), clear: () => undefined },
  };
}

it("sends each answer once and in order", async () => {
  const { got, send } = server();
  const outbox = new Outbox(new MemoryShelf(), "o.", send);
  for (const id of [5, 3, 9]) outbox.post(answer(id));
  await outbox.flush();
  expect(got).toEqual([5, 3, 9]);
  expect(outbox.snapshot().waiting).toBe(0);
});

it("keeps an answer while the network is away and sends it when it is back", async () => {
  const { got, send } = server({ kind: "later" }, { kind: "later" });
  const { waiting, timers } = handTimers();
  const outbox = new Outbox(new MemoryShelf(), "o.", send, undefined, timers);
  outbox.post(answer(1));
  await outbox.flush();
  expect(outbox.snapshot()).toMatchObject({ waiting: 1, offline: true });
  waiting.shift()?.run();
  await outbox.flush();
  expect(waiting[0]?.ms).toBeGreaterThan(1000); // waits longer each time
  await outbox.wake();
  expect(got).toEqual([1, 1, 1]);
  expect(outbox.snapshot()).toEqual({ waiting: 0, offline: false, signedOut: false });
});

it("outlives the page: a new outbox on the same shelf sends what was left", async () => {
  const shelf = new MemoryShelf();
  const dead = new Outbox(shelf, "o.", () => new Promise(() => undefined));
  dead.post(answer(1));
  dead.post(answer(2));
  const { got, send } = server();
  await new Outbox(shelf, "o.", send).flush();
  expect(got).toEqual([1, 2]);
});

it("tells when the server refuses and goes on with the next", async () => {
  const { got, send } = server({ kind: "refused", code: "lease", message: "lent anew" });
  const fates: [number, string][] = [];
  const outbox = new Outbox(new MemoryShelf(), "o.", send, (letter, fate) => fates.push([letter.assignment, fate.kind]));
  outbox.post(answer(1));
  outbox.post(answer(2));
  await outbox.flush();
  expect(fates).toEqual([
    [1, "refused"],
    [2, "taken"],
  ]);
  expect(got).toEqual([1, 2]);
});

it("waits for the person to sign in again and loses nothing", async () => {
  const { send } = server({ kind: "signed_out" });
  const outbox = new Outbox(new MemoryShelf(), "o.", send);
  outbox.post(answer(1));
  await outbox.flush();
  expect(outbox.snapshot()).toMatchObject({ waiting: 1, signedOut: true });
  await outbox.wake();
  expect(outbox.snapshot()).toMatchObject({ waiting: 0, signedOut: false });
});

it("takes an answer back only while it is still here", async () => {
  let release: (fate: Fate) => void = () => undefined;
  const outbox = new Outbox(new MemoryShelf(), "o.", () => new Promise((done) => (release = done)));
  outbox.post(answer(1));
  outbox.post(answer(2));
  expect(outbox.recall(1)).toBeUndefined(); // on its way
  expect(outbox.recall(2)?.assignment).toBe(2);
  release({ kind: "taken" });
  await outbox.flush();
  expect(outbox.snapshot().waiting).toBe(0);
});
