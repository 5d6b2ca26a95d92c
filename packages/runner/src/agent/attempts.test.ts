import type { AttemptRef } from "@bellows/protocol/frame-parts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Attempts } from "./attempts.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const item = (index: number, attempt = 1): [number, number] => [index, attempt];
const ref = (index: number, attempt = 1): AttemptRef => [callId, index, attempt];

function holding(count: number, slots: number, timeoutMs = 1_000): Attempts {
  const attempts = new Attempts({ timeoutMs, graceMs: 5_000 });
  attempts.open(slots, 0);
  for (let index = 0; index < count; index += 1) attempts.add(callId, item(index), 0);
  return attempts;
}

describe("attempts of a container", () => {
  it("begin in the order in which they were sent, as many as there are slots", () => {
    const attempts = holding(4, 2);
    expect(attempts.takeStarted()).toEqual([ref(0), ref(1)]);
    attempts.remove(callId, item(1), 5);
    expect(attempts.takeStarted()).toEqual([ref(2)]);
    expect(attempts.waiting()).toEqual([ref(3)]);
  });

  it("begin only when a worker is loaded", () => {
    const attempts = new Attempts({ timeoutMs: 1_000, graceMs: 5_000 });
    attempts.add(callId, item(0), 0);
    expect(attempts.hasBegun()).toBe(false);
    expect(attempts.nextDeadlineMs()).toBeNull();
    attempts.open(1, 70);
    expect(attempts.nextDeadlineMs()).toBe(1_070);
  });

  it("that ended before they were reported are not reported", () => {
    const attempts = holding(2, 1);
    attempts.remove(callId, item(0), 1);
    expect(attempts.takeStarted()).toEqual([ref(1)]);
    expect(attempts.takeStarted()).toEqual([]);
  });

  it("that have begun are reported again on a new link", () => {
    const attempts = holding(3, 2);
    attempts.takeStarted();
    attempts.reportAgain();
    expect(attempts.takeStarted()).toEqual([ref(0), ref(1)]);
  });

  it("are answered for once", () => {
    const attempts = holding(1, 1);
    expect(attempts.remove(callId, item(0), 1)).toBe(true);
    expect(attempts.remove(callId, item(0), 2)).toBe(false);
  });

  it("are told apart by the number of the attempt", () => {
    const attempts = holding(1, 2);
    attempts.add(callId, item(0, 2), 0);
    attempts.remove(callId, item(0, 1), 1);
    expect(attempts.refs()).toEqual([ref(0, 2)]);
  });

  it("get their deadline from their own beginning", () => {
    const attempts = holding(2, 1);
    attempts.remove(callId, item(0), 400);
    expect(attempts.nextDeadlineMs()).toBe(1_400);
  });

  it("have a shorter deadline once cancelled, and never a longer one", () => {
    const attempts = holding(2, 2, 10_000);
    attempts.cancel([ref(1)], 2_000);
    expect(attempts.nextDeadlineMs()).toBe(7_000);
    expect(attempts.isOverdueByCancel(7_000)).toBe(true);
    attempts.cancel([ref(0)], 9_000);
    attempts.cancel([ref(1)], 9_000);
    expect(attempts.workerEnded(9_999)).toMatchObject({ cancelled: [{ ref: ref(1) }], lost: [ref(0)], timedOut: [] });
  });

  it("of a dead worker are timed out, cancelled, lost or given back", () => {
    const attempts = holding(2, 3);
    attempts.add(callId, item(2), 900);
    attempts.add(callId, item(3), 900);
    attempts.remove(callId, item(0), 950);
    expect(attempts.workerEnded(1_000)).toEqual({
      timedOut: [{ ref: ref(1), begunAtMs: 0 }],
      cancelled: [],
      lost: [ref(2), ref(3)],
      returned: [],
    });
    expect(attempts.size).toBe(0);
  });

  it("each end in exactly one way, whatever happens in which order", () => {
    const step = fc.record({
      verb: fc.constantFrom("add", "addBatch", "end", "cancel", "open", "die"),
      pick: fc.nat(1_000),
      size: fc.integer({ min: 1, max: 5 }),
      slots: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const attempts = new Attempts({ timeoutMs: 10, graceMs: 3 });
        const ends = new Map<number, number>();
        const count = ([, index]: AttemptRef) => ends.set(index, (ends.get(index) ?? 0) + 1);
        let added = 0;
        const die = (atMs: number) => {
          const { timedOut, cancelled, lost, returned } = attempts.workerEnded(atMs);
          for (const ended of [...timedOut, ...cancelled]) count(ended.ref);
          for (const each of [...lost, ...returned]) count(each);
        };
        for (const [nowMs, { verb, pick, size, slots }] of steps.entries()) {
          const held = attempts.refs();
          const picked = held[pick % Math.max(1, held.length)];
          if (verb === "add") attempts.add(callId, item(added++), nowMs);
          else if (verb === "addBatch")
            addBatch(
              attempts,
              Array.from({ length: size }, () => added++),
              nowMs,
            );
          else if (verb === "cancel") for (const ended of attempts.cancel(held.slice(0, size), nowMs)) count(ended.ref);
          else if (verb === "open") attempts.open(slots, nowMs);
          else if (verb === "die") die(nowMs);
          else if (picked && attempts.remove(callId, item(picked[1], picked[2]), nowMs)) count(picked);
        }
        die(steps.length);
        expect([...ends.values()].every((times) => times === 1)).toBe(true);
        expect(ends.size).toBe(added);
      }),
    );
  });
});

function addBatch(attempts: Attempts, indexes: number[], nowMs: number): void {
  attempts.addBatch([[callId, indexes.map((index) => item(index))]], nowMs);
}

describe("the attempts of a batch", () => {
  function batches(slots: number, ...sizes: number[]): Attempts {
    const attempts = new Attempts({ timeoutMs: 1_000, graceMs: 50 });
    attempts.open(slots, 0);
    let next = 0;
    for (const size of sizes)
      addBatch(
        attempts,
        Array.from({ length: size }, () => next++),
        0,
      );
    return attempts;
  }

  it("take one slot, begin together, and leave it with the last of them", () => {
    const attempts = batches(2, 3, 2, 2);
    expect(attempts.takeStarted()).toEqual([0, 1, 2, 3, 4].map((index) => ref(index)));
    for (const index of [0, 1]) attempts.remove(callId, item(index), 100);
    expect(attempts.takeStarted()).toEqual([]);
    expect(attempts.waiting()).toEqual([ref(5), ref(6)]);
    attempts.remove(callId, item(2), 200);
    expect(attempts.takeStarted()).toEqual([ref(5), ref(6)]);
    for (const index of [3, 4]) attempts.remove(callId, item(index), 300);
    expect(attempts.nextDeadlineMs()).toBe(1_200);
  });

  it("begin as one when a worker is loaded, whatever came before, and are of several calls", () => {
    const other = "01890a5d-ac96-774b-bcce-b302099a8058";
    const attempts = new Attempts({ timeoutMs: 1_000, graceMs: 50 });
    attempts.addBatch(
      [
        [callId, [item(0), item(1)]],
        [other, [item(0)]],
        [callId, [item(2)]],
      ],
      0,
    );
    addBatch(attempts, [7], 0);
    attempts.open(1, 10);
    expect(attempts.takeStarted()).toEqual([ref(0), ref(1), [other, 0, 1], ref(2)]);
  });

  it("are without those that are held already", () => {
    const attempts = batches(1, 2);
    expect(attempts.addBatch([[callId, [item(1), item(2)]]], 0)).toEqual([[callId, [item(2)]]]);
    expect(attempts.addBatch([[callId, [item(0), item(1)]]], 0)).toEqual([]);
    expect(attempts.waiting()).toEqual([ref(2)]);
  });

  it("end at once when they are cancelled beside others, whose deadline stays", () => {
    const attempts = batches(1, 3);
    expect(attempts.cancel([ref(0)], 100)).toEqual([{ ref: ref(0), begunAtMs: 0 }]);
    expect(attempts.nextDeadlineMs()).toBe(1_000);
    expect(attempts.refs()).toEqual([ref(1), ref(2)]);
    expect(attempts.holds(callId, item(0))).toBe(false);
    // The worker says so, too; nobody is told twice.
    expect(attempts.remove(callId, item(0), 110)).toBe(false);
    expect(attempts.remove(callId, item(1), 120)).toBe(true);
  });

  it("have the grace to end once all that is left is cancelled, at once or one by one", () => {
    const together = batches(1, 2);
    expect(together.cancel([ref(0), ref(1)], 100)).toEqual([]);
    expect(together.nextDeadlineMs()).toBe(150);
    expect(together.workerEnded(150).cancelled.map((ended) => ended.ref)).toEqual([ref(0), ref(1)]);
    const oneByOne = batches(1, 2);
    oneByOne.cancel([ref(0)], 100);
    expect(oneByOne.cancel([ref(1)], 200)).toEqual([]);
    expect(oneByOne.isOverdueByCancel(250)).toBe(true);
    expect(oneByOne.workerEnded(250)).toMatchObject({ cancelled: [{ ref: ref(1) }], lost: [], timedOut: [] });
  });

  it("keep their slot, for the grace, when all the others end after one was cancelled", () => {
    const attempts = batches(1, 2, 1);
    attempts.cancel([ref(0)], 100);
    attempts.remove(callId, item(1), 200);
    expect(attempts.nextDeadlineMs()).toBe(250);
    expect(attempts.waiting()).toEqual([ref(2)]);
    expect(attempts.workerEnded(250)).toEqual({ timedOut: [], cancelled: [], lost: [], returned: [ref(2)] });
  });

  it("time out together, and no other batch does", () => {
    const attempts = batches(2, 2);
    addBatch(attempts, [2, 3], 500);
    expect(attempts.workerEnded(1_000)).toEqual({
      timedOut: [0, 1].map((index) => ({ ref: ref(index), begunAtMs: 0 })),
      cancelled: [],
      lost: [ref(2), ref(3)],
      returned: [],
    });
  });
});
