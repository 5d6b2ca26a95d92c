import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import type { ScalingInputs } from "./autoscale.ts";
import { autoscaler } from "./autoscaler.ts";
import { decisionOf, reasonOf } from "./scaling-reason.ts";

function inputs(given: Partial<ScalingInputs>): ScalingInputs {
  const settings = parseFunctionOptions({});
  return {
    atMs: 0,
    settings,
    environmentCap: 100,
    queued: 0,
    running: 0,
    current: 0,
    started: 0,
    mode: "normal",
    ...given,
  };
}

const SLOW_START = { runMs: 200, startMs: 8_000 };

test("what the present slots do while another would start gets no container of its own, and the reason says so", () => {
  // Two run; eighty wait, which is 16 s of work: two start times. So four are useful, not eighty-two.
  const scaled = autoscaler().decide(inputs({ queued: 80, running: 2, current: 2, started: 2, ...SLOW_START }));
  expect(scaled).toMatchObject({ wanted: 82, desired: 4, tooLate: 78 });
  expect(decisionOf(scaled).reason).toBe(
    "wanted 82: 82 in flight / target 1; 78 more would be ready too late to help: 8 s to start, 0.2 s an input",
  );
});

test("a batched function is told of in batches", () => {
  const given = inputs({ unit: "batch", queued: 80, running: 2, current: 2, started: 2, ...SLOW_START });
  expect(reasonOf(autoscaler().decide(given))).toBe(
    "wanted 82: 82 batches in flight / target 1; 78 more would be ready too late to help: 8 s to start, 0.2 s a batch",
  );
});

test("starting containers count as capacity", () => {
  const policy = autoscaler();
  expect(policy.decide(inputs({ queued: 80, running: 2, current: 4, started: 2, ...SLOW_START })).desired).toBe(4);
});

test("from zero as well", () => {
  const given = inputs({ queued: 80, ...SLOW_START });
  expect(autoscaler().decide(given)).toMatchObject({ desired: 2, tooLate: 78 });
});

test("what cannot be judged is not held back: a start that nobody saw, and units that need a container each", () => {
  for (const unknown of [{ startMs: null }, { startMs: 0 }, { singleUse: true }, { alone: 1 }]) {
    const given = inputs({ queued: 80, current: 2, started: 2, ...SLOW_START, ...unknown });
    expect(autoscaler().decide(given)).toMatchObject({ desired: 80, tooLate: 0 });
  }
});

test("before the first run has ended ten are started at once, or the square root", () => {
  const first = (queued: number) => autoscaler().decide(inputs({ queued })).desired;
  expect([1, 10, 11, 80, 400].map(first)).toEqual([1, 10, 10, 10, 20]);
  expect(reasonOf(autoscaler().decide(inputs({ queued: 80 })))).toBe(
    "wanted 80: 80 in flight / target 1; 70 more when it is known how long an input runs",
  );
});

test("runs that do not end get a container each within a start time, also where nobody saw a start", () => {
  for (const startMs of [8_000, null]) {
    const assumedMs = startMs ?? 1_000;
    const policy = autoscaler();
    const at = (atMs: number, running: number) =>
      policy.decide(inputs({ atMs, queued: 80 - running, running, current: 10, started: 10, startMs })).desired;
    expect(at(0, 0)).toBe(10);
    expect(policy.nextChangeMs()).toBe(Number.POSITIVE_INFINITY);
    expect(at(60_000, 10)).toBe(11);
    expect(policy.nextChangeMs()).toBe(60_000 + assumedMs / 8);
    expect(at(60_000 + assumedMs / 2, 10)).toBe(45);
    expect(at(60_000 + assumedMs, 10)).toBe(80);
  }
});

test("a run longer than a start is worth a container for each", () => {
  const given = inputs({ queued: 30, running: 2, current: 2, started: 2, runMs: 20_000, startMs: 8_000 });
  expect(autoscaler().decide(given).desired).toBe(32);
});

test("what is held back for two start times because a start hangs gets one more container, and again after each two", () => {
  const policy = autoscaler();
  const hangs = (atMs: number, current: number) =>
    policy.decide(inputs({ atMs, queued: 30, current, started: 0, ...SLOW_START })).desired;
  expect(hangs(0, 1)).toBe(1);
  expect(policy.nextChangeMs()).toBe(16_000);
  expect(hangs(15_999, 1)).toBe(1);
  expect(hangs(16_000, 1)).toBe(2);
  expect(hangs(16_001, 2)).toBe(2);
  expect(hangs(32_000, 2)).toBe(3);
});

test("an idle container is kept for as long as starting it again would take, the last one for the whole window", () => {
  const policy = autoscaler();
  const at = (atMs: number, running: number, current: number) =>
    policy.decide(inputs({ atMs, running, current, started: current, ...SLOW_START }));
  at(0, 3, 3);
  expect(reasonOf(at(1_000, 0, 3))).toBe(
    "wanted 0: nothing in flight; keeping 3 until the need has been lower for 8 s, which is what starting again is worth",
  );
  expect(at(8_999, 0, 3).desired).toBe(3);
  expect(at(9_000, 0, 3).desired).toBe(1);
  expect(reasonOf(at(9_000, 0, 1))).toContain("keeping 1 until the need has been lower for scaledownWindow 1m");
  expect(at(60_999, 0, 1).desired).toBe(1);
  expect(at(61_000, 0, 1).desired).toBe(0);
});

test("no container is kept longer than scaledownWindow, however long a start takes", () => {
  const policy = autoscaler();
  const settings = parseFunctionOptions({ scaledownWindow: "10s" });
  const at = (atMs: number, running: number) =>
    policy.decide(inputs({ atMs, settings, running, current: 3, started: 3, runMs: 200, startMs: 60_000 })).desired;
  at(0, 3);
  at(1_000, 0);
  expect(at(10_999, 0)).toBe(3);
  expect(at(11_000, 0)).toBe(0);
});

test("containers whose pauses have been longer than a start are kept briefly, and the reason says so", () => {
  const policy = autoscaler();
  const at = (atMs: number, running: number, current: number) =>
    policy.decide(inputs({ atMs, running, current, started: current, ...SLOW_START }));
  at(0, 3, 3);
  at(1_000, 0, 3);
  at(31_000, 3, 3);
  expect(reasonOf(at(32_000, 0, 3))).toBe(
    "wanted 0: nothing in flight; keeping 3 until the need has been lower for 2 s: it has mostly been for longer than a start takes",
  );
  expect(at(33_999, 0, 3).desired).toBe(3);
  expect(at(34_000, 0, 3).desired).toBe(1);
});
