import type { AttemptRef } from "@bellows/protocol/frame-parts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Attempts } from "./attempts.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const item = (index: number, attempt = 1): [number, number] => [index, attempt];
const ref = (index: number, attempt = 1): AttemptRef => [callId, index, attempt];

function holding(count: number, slots: number, timeoutMs = 1_000): Attempts {
  const attempts = new Attempts({ timeoutMs });
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
    const attempts = new Attempts({ timeoutMs: 1_000 });
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
    attempts.cancel([ref(1)], 5_000, 2_000);
    expect(attempts.nextDeadlineMs()).toBe(7_000);
    expect(attempts.isOverdueByCancel(7_000)).toBe(true);
    attempts.cancel([ref(0)], 5_000, 9_000);
    attempts.cancel([ref(1)], 5_000, 9_000);
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
      verb: fc.constantFrom("add", "end", "open", "die"),
      pick: fc.nat(1_000),
      slots: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const attempts = new Attempts({ timeoutMs: 10 });
        const ends = new Map<number, number>();
        const count = ([, index]: AttemptRef) => ends.set(index, (ends.get(index) ?? 0) + 1);
        let added = 0;
        const die = (atMs: number) => {
          const { timedOut, cancelled, lost, returned } = attempts.workerEnded(atMs);
          for (const ended of [...timedOut, ...cancelled]) count(ended.ref);
          for (const each of [...lost, ...returned]) count(each);
        };
        for (const [nowMs, { verb, pick, slots }] of steps.entries()) {
          const held = attempts.refs();
          const picked = held[pick % Math.max(1, held.length)];
          if (verb === "add") attempts.add(callId, item(added++), nowMs);
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
