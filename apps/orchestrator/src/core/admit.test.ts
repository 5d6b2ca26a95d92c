import { DEFAULT_LIMITS, type EnvironmentLimits } from "@bellows/protocol/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { admitInputs, createRateBucket, isFullAgain, type RateBucket, takeCall } from "./admit.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

/** Offers calls at a steady rate and returns how many pass in each second, the first at its beginning. */
function passed(bucket: RateBucket, offeredPerSecond: number, seconds: number): number[] {
  const perSecond: number[] = [];
  for (let second = 0; second < seconds; second++) {
    let count = 0;
    for (let nth = 0; nth < offeredPerSecond; nth++) {
      const atMs = second * 1_000 + (nth * 1_000) / offeredPerSecond;
      if (!takeCall(bucket, atMs)) count += 1;
    }
    perSecond.push(count);
  }
  return perSecond;
}

test.for([1, 7, 200, 1_500])(
  "at five times the rate %i exactly 25 seconds' worth pass in five seconds, then the rate",
  (rate) => {
    const counts = passed(createRateBucket("syncCallsPerSecond", rate, 0), 5 * rate, 15);
    expect(counts.slice(0, 5)).toEqual(Array(5).fill(5 * rate));
    expect(counts.slice(5)).toEqual(Array(10).fill(rate));
  },
);

test("a burst at one moment is as large as the bucket, and the next call passes when its token is there", () => {
  const bucket = createRateBucket("asyncCallsPerSecond", 10, 0);
  for (let nth = 0; nth < 200; nth++) expect(takeCall(bucket, 0)).toBeNull();
  expect(takeCall(bucket, 0)).toEqual({ limit: "asyncCallsPerSecond", max: 10, current: 201, retryAfterMs: 1 });
  expect(takeCall(bucket, 1)).toBeNull();
  const refused = takeCall(bucket, 1);
  expect(refused?.retryAfterMs).toBe(100);
  expect(takeCall(bucket, 100)).not.toBeNull();
  expect(takeCall(bucket, 101)).toBeNull();
});

test("over any time no more pass than the bucket and its refill, whatever the arrivals", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.array(fc.integer({ min: 0, max: 3_000 })), (rate, gapsMs) => {
      const bucket = createRateBucket("syncCallsPerSecond", rate, 0);
      let nowMs = 0;
      let taken = 0;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        for (let nth = 0; nth < rate; nth++) if (!takeCall(bucket, nowMs)) taken += 1;
        expect(taken).toBeLessThanOrEqual(Math.ceil(20 * rate + (nowMs * rate) / 1_000));
      }
      expect(isFullAgain(bucket, nowMs + 20_001)).toBe(true);
      expect(taken === 0 || !isFullAgain(bucket, nowMs)).toBe(true);
    }),
  );
});

test("a clock that goes back neither gives nor takes", () => {
  const bucket = createRateBucket("syncCallsPerSecond", 1, 10_000);
  for (let nth = 0; nth < 20; nth++) takeCall(bucket, 10_000);
  expect(takeCall(bucket, 5_000)).not.toBeNull();
  expect(takeCall(bucket, 10_001)).toBeNull();
});

const limits: EnvironmentLimits = { ...DEFAULT_LIMITS, pendingSyncInputs: 10, syncInputs: 15, pendingAsyncInputs: 20 };

test("exactly as many inputs are taken as the limits say, and a refusal names the limit that is in the way", () => {
  const { core } = new ScriptedFunction();
  const sync = { queueClass: "sync" as const, limits };
  expect(admitInputs(core, { ...sync, unfinished: 0, count: 10 })).toBeNull();
  expect(admitInputs(core, { ...sync, unfinished: 4, count: 7 })).toMatchObject({
    limit: "pendingSyncInputs",
    max: 10,
    current: 4,
  });
  core.begun.sync = 8;
  expect(admitInputs(core, { ...sync, unfinished: 8, count: 7 })).toBeNull();
  expect(admitInputs(core, { ...sync, unfinished: 8, count: 8 })).toMatchObject({
    limit: "syncInputs",
    max: 15,
    current: 8,
  });
  const async = { queueClass: "async" as const, limits };
  expect(admitInputs(core, { ...async, unfinished: 19, count: 1 })).toBeNull();
  expect(admitInputs(core, { ...async, unfinished: 19, count: 2 })).toMatchObject({
    limit: "pendingAsyncInputs",
    max: 20,
    current: 19,
  });
});

test("a refusal says when there will be room, by the slots and the measured time, and null when there never will", () => {
  const scripted = new ScriptedFunction({ concurrent: { maxInputs: 4 } });
  const asked = { queueClass: "async" as const, unfinished: 20, limits };
  expect(admitInputs(scripted.core, { ...asked, count: 1 })?.retryAfterMs).toBe(1_000);
  scripted.call("a", "map", 1);
  scripted.ready("one", 4);
  scripted.measured(2_000);
  expect(admitInputs(scripted.core, { ...asked, count: 2 })?.retryAfterMs).toBe(1_000);
  expect(admitInputs(scripted.core, { ...asked, count: 21 })?.retryAfterMs).toBeNull();
  scripted.measured(0);
  expect(admitInputs(scripted.core, { ...asked, count: 2 })?.retryAfterMs).toBe(100);
  scripted.measured(600_000);
  expect(admitInputs(scripted.core, { ...asked, count: 2 })?.retryAfterMs).toBe(60_000);
});
