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

test("while a time is unknown, and where there is no container, nothing is held back", () => {
  for (const unknown of [{ runMs: null }, { startMs: null }, { current: 0, started: 0 }]) {
    const given = inputs({ queued: 80, current: 2, started: 2, ...SLOW_START, ...unknown });
    expect(autoscaler().decide(given)).toMatchObject({ desired: 80, tooLate: 0 });
  }
});

test("a run longer than a start is worth a container for each", () => {
  const given = inputs({ queued: 30, running: 2, current: 2, started: 2, runMs: 20_000, startMs: 8_000 });
  expect(autoscaler().decide(given).desired).toBe(32);
});

test("what is held back for a start time because a start hangs gets one more container, and again after each", () => {
  const policy = autoscaler();
  const hangs = (atMs: number, current: number) =>
    policy.decide(inputs({ atMs, queued: 30, current, started: 0, ...SLOW_START })).desired;
  expect(hangs(0, 1)).toBe(1);
  expect(policy.nextChangeMs()).toBe(8_000);
  expect(hangs(7_999, 1)).toBe(1);
  expect(hangs(8_000, 1)).toBe(2);
  expect(hangs(8_001, 2)).toBe(2);
  expect(hangs(16_000, 2)).toBe(3);
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
