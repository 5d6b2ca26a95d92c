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

test("containers that do one input each do no work for the others: nothing is held back", () => {
  const given = inputs({ queued: 80, current: 2, started: 2, singleUse: true, ...SLOW_START });
  expect(autoscaler().decide(given)).toMatchObject({ desired: 80, tooLate: 0 });
});

test("inputs that need a container each get it, the others what is useful to them", () => {
  const given = inputs({ queued: 83, running: 2, alone: 3, current: 2, started: 2, ...SLOW_START });
  expect(autoscaler().decide(given)).toMatchObject({ wanted: 85, desired: 3 + 4 });
});

test("where nobody saw a start it is taken for 10 s", () => {
  for (const startMs of [null, 0]) {
    const given = inputs({ queued: 80, running: 2, current: 2, started: 2, runMs: 1_000, startMs });
    const scaled = autoscaler().decide(given);
    expect(scaled.desired).toBe(10);
    expect(reasonOf(scaled)).toContain("too late to help: 10 s, for all that is known, to start, 1 s an input");
  }
});

test("what runs above the target is a burst at first, and a load that stays when two runs have passed", () => {
  const settings = parseFunctionOptions({ concurrent: { maxInputs: 100, targetInputs: 10 } });
  const policy = autoscaler();
  const at = (atMs: number, running: number) =>
    policy.decide(inputs({ atMs, settings, running, current: 1, started: 1, runEndedMs: atMs, ...SLOW_START }));
  // Ten at the target, and ninety that will be done long before another container is there.
  expect(at(0, 100)).toMatchObject({ wanted: 10, desired: 2, tooLate: 8 });
  expect(at(399, 100).desired).toBe(2);
  expect(policy.nextChangeMs()).toBe(400);
  expect(at(400, 100)).toMatchObject({ desired: 10, tooLate: 0 });
});

test("what was overdue asks for no more than there is to do by now", () => {
  const policy = autoscaler();
  const at = (atMs: number, queued: number, current: number) =>
    policy.decide(inputs({ atMs, queued, current, started: 0, ...SLOW_START }));
  at(0, 30, 4);
  expect(at(16_000, 30, 4).desired).toBe(5);
  expect(at(17_000, 3, 2)).toMatchObject({ wanted: 3, need: 3, tooLate: 0 });
});

test("where less would help, but just as many as there may be, the bound is named", () => {
  const settings = parseFunctionOptions({ maxContainers: 2 });
  const given = inputs({ settings, queued: 50, running: 1, current: 1, started: 1, ...SLOW_START, startMs: 10_000 });
  const scaled = autoscaler().decide(given);
  expect(scaled).toMatchObject({ wanted: 51, desired: 2, cappedBy: "maxContainers" });
  expect(reasonOf(scaled)).toBe("wanted 51: 51 in flight / target 1; capped by maxContainers 2");
});

test("the buffer comes on top of what is useful, also before that is known", () => {
  const buffer = parseFunctionOptions({ bufferContainers: 5 });
  expect(autoscaler().decide(inputs({ settings: buffer, queued: 80 })).desired).toBe(10 + 5);

  const settings = parseFunctionOptions({ bufferContainers: 5 });
  const given = inputs({ settings, queued: 80, running: 2, current: 2, started: 2, ...SLOW_START });
  expect(autoscaler().decide(given).desired).toBe(4 + 5);
});

test("containers that are there already are not said to be too late", () => {
  const given = inputs({ queued: 80, running: 2, current: 50, started: 2, ...SLOW_START });
  const scaled = autoscaler().decide(given);
  expect(scaled.desired).toBe(50);
  expect(reasonOf(scaled)).toContain("; 32 more would be ready too late");
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
    const assumedMs = startMs ?? 10_000;
    const policy = autoscaler();
    const at = (atMs: number, running: number) =>
      policy.decide(inputs({ atMs, queued: 80 - running, running, current: 10, started: 10, startMs })).desired;
    expect(at(0, 0)).toBe(10);
    expect(at(6_000, 10)).toBe(11);
    expect(policy.nextChangeMs()).toBe(6_000 + assumedMs / 8);
    expect(at(6_000 + assumedMs / 2, 10)).toBe(45);
    expect(at(6_000 + assumedMs, 10)).toBe(80);
  }
});

test("runs that last count with those that have ended", () => {
  const policy = autoscaler();
  const measured = { ...SLOW_START, runsMeasured: 1_000, runEndedMs: 1_000 };
  const at = (atMs: number) =>
    policy.decide(inputs({ atMs, queued: 70, running: 10, current: 10, started: 10, ...measured })).desired;
  const reason = () =>
    reasonOf(policy.decide(inputs({ atMs: 7_000, queued: 70, running: 10, current: 10, started: 10, ...measured })));
  expect(at(1_000)).toBe(12);
  // They have lasted for longer than the mean from now on; it is asked again each second then.
  expect(policy.nextChangeMs()).toBe(1_200);
  // Fifty of 0.2 s and ten of 6 s, and the reason says what a run was taken for.
  expect(reason()).toContain("too late to help: 8 s to start, 1.2 s an input");
  expect(at(7_000)).toBe(10 + Math.ceil((70 * (50 * 0.2 + 10 * 6)) / 60 / 8));
  expect(policy.nextChangeMs()).toBe(8_000);
  expect(at(49_000)).toBe(80);
});

test("a run that has just ended says that the others are no older", () => {
  const policy = autoscaler();
  const at = (atMs: number, runEndedMs: number) =>
    policy.decide(
      inputs({ atMs, queued: 70, running: 10, current: 10, started: 10, runsMeasured: 9, runEndedMs, ...SLOW_START }),
    ).desired;
  at(1_000, 1_000);
  expect(at(40_000, 39_900)).toBe(12);
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
  // It stands until it has come, and the time runs from then on.
  expect(hangs(20_000, 1)).toBe(2);
  expect(hangs(24_000, 2)).toBe(2);
  expect(policy.nextChangeMs()).toBe(40_000);
  expect(hangs(40_000, 2)).toBe(3);
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
    "wanted 0: nothing in flight; keeping 3 until the need has been lower for 2 s: starting again has cost less than keeping for longer",
  );
  expect(at(33_999, 0, 3).desired).toBe(3);
  expect(at(34_000, 0, 3).desired).toBe(1);
});

test("short starts and runs are kept for the least there is, or for two runs", () => {
  const text = (runMs: number, startMs: number) => {
    const policy = autoscaler();
    const at = (atMs: number, running: number) =>
      policy.decide(inputs({ atMs, running, current: 3, started: 3, runMs, startMs }));
    at(0, 3);
    return reasonOf(at(1_000, 0));
  };
  expect(text(200, 300)).toContain("keeping 3 until the need has been lower for 2 s, the least there is");
  expect(text(10_000, 1_000)).toContain("keeping 3 until the need has been lower for 20 s, the least there is");
});
