import { expect, test } from "vitest";
import type { ScalingInputs } from "./autoscale.ts";
import { autoscaler } from "./autoscaler.ts";
import { decisionOf, reasonOf } from "./scaling-reason.ts";

const SETTINGS = {
  minContainers: 0,
  maxContainers: 100,
  bufferContainers: 0,
  scaledownWindowMs: 60_000,
  scaleupWindowMs: 0,
  targetInputs: 1,
};

function inputs(
  given: Partial<Omit<ScalingInputs, "settings">> & { settings?: Partial<typeof SETTINGS> },
): ScalingInputs {
  return {
    atMs: 0,
    environmentCap: 100,
    queued: 0,
    running: 0,
    current: 0,
    started: 0,
    mode: "normal",
    ...given,
    settings: { ...SETTINGS, ...given.settings },
  };
}

function decideOnce(given: Parameters<typeof inputs>[0]) {
  return decisionOf(autoscaler().decide(inputs(given)));
}

test("the need is the load divided by the target, with the reason in words", () => {
  const decision = decideOnce({ queued: 20, running: 11, settings: { targetInputs: 5, maxContainers: 5 } });
  expect(decision).toMatchObject({ desired: 5, cappedBy: "maxContainers" });
  expect(decision.reason).toBe("wanted 7: 31 in flight / target 5; capped by maxContainers 5");
});

test("the environment caps what the function may have", () => {
  const decision = decideOnce({ queued: 50, environmentCap: 3 });
  expect(decision).toMatchObject({ desired: 3, cappedBy: "environment" });
  expect(decision.reason).toBe(
    "wanted 50: 50 in flight / target 1; capped by the environment, which has room for 3 of them",
  );
});

test("the buffer is kept only while there is load", () => {
  expect(decideOnce({ queued: 1, settings: { bufferContainers: 2 } }).desired).toBe(3);
  expect(decideOnce({ settings: { bufferContainers: 2 } }).desired).toBe(0);
});

test("minContainers are kept without load", () => {
  const decision = decideOnce({ settings: { minContainers: 2 } });
  expect(decision.desired).toBe(2);
  expect(decision.reason).toBe("wanted 0: nothing in flight; raised to minContainers 2");
});

test("while times are unknown, down goes only to the highest need of the window, and to zero when it is over", () => {
  const policy = autoscaler();
  const at = (atMs: number, queued: number, current: number) =>
    policy.decide(inputs({ atMs, queued, current })).desired;
  expect(at(0, 10, 0)).toBe(10);
  expect(at(10_000, 0, 10)).toBe(10);
  expect(at(40_000, 4, 10)).toBe(10);
  expect(at(50_000, 0, 10)).toBe(10);
  // The ten were needed until second 10, the four until second 50.
  expect(at(69_999, 0, 10)).toBe(10);
  expect(at(70_000, 0, 10)).toBe(4);
  expect(at(109_999, 0, 4)).toBe(4);
  expect(at(110_000, 0, 4)).toBe(0);
});

/** What is desired where from three to seven wait in turn, each for a part of the time. */
function swinging(partMs: number, times: Partial<ScalingInputs>): number[] {
  const policy = autoscaler();
  const desired = new Set<number>();
  let current = 0;
  for (let part = 0; part < 600; part++) {
    const started = current;
    const given = inputs({ atMs: part * partMs, running: 3 + (part % 5), current, started, ...times });
    current = policy.decide(given).desired;
    if (part > 5) desired.add(current);
  }
  return [...desired].sort();
}

test("a load that swings within the window does not make the number swing while times are unknown", () => {
  expect(swinging(1_000, {})).toEqual([7]);
});

test("nor does one that swings within the time that a container is kept for", () => {
  expect(swinging(300, { runMs: 200, startMs: 300 })).toEqual([7]);
  expect(swinging(1_000, { runMs: 200, startMs: 8_000 })).toEqual([7]);
  // A pause of four seconds is longer than a start of three.
  expect(swinging(1_000, { runMs: 200, startMs: 3_000 })).toEqual([6, 7]);
});

test("the buffer is kept for the window with the last container, however short a start is", () => {
  const policy = autoscaler();
  const at = (atMs: number, running: number, current: number) =>
    policy.decide(
      inputs({ atMs, running, current, started: current, runMs: 10, startMs: 300, settings: { bufferContainers: 2 } }),
    ).desired;
  expect(at(0, 1, 3)).toBe(3);
  expect(at(1_000, 0, 3)).toBe(3);
  expect(at(60_999, 0, 3)).toBe(3);
  expect(at(61_000, 0, 3)).toBe(0);
});

test("minContainers wait for no scaleupWindow", () => {
  expect(decideOnce({ settings: { minContainers: 2, scaleupWindowMs: 30_000 } }).desired).toBe(2);
});

test("where the environment has room for as many as the function may have, the function's own bound is named", () => {
  expect(decideOnce({ queued: 9, environmentCap: 3, settings: { maxContainers: 3 } }).cappedBy).toBe("maxContainers");
});

test("with a scaleupWindow containers come only when the demand has lasted", () => {
  const policy = autoscaler();
  const settings = { scaleupWindowMs: 30_000 };
  const at = (atMs: number, queued: number) => policy.decide(inputs({ atMs, queued, settings }));
  at(0, 0);
  expect(at(1_000, 8).desired).toBe(0);
  expect(reasonOf(at(20_000, 5))).toBe(
    "wanted 5: 5 in flight / target 1; waiting until the demand has lasted scaleupWindow 30s",
  );
  expect(at(31_000, 6).desired).toBe(5);
});

test("lost containers above the need are not replaced", () => {
  const policy = autoscaler();
  policy.decide(inputs({ queued: 10 }));
  expect(policy.decide(inputs({ atMs: 1_000, queued: 2, current: 4 })).desired).toBe(4);
});

test("while it is not known what runs, the present number is held, and kept for a window after that", () => {
  const policy = autoscaler();
  expect(policy.decide(inputs({ mode: "recovering", queued: 50, current: 3 })).desired).toBe(3);
  expect(policy.decide(inputs({ atMs: 5_000, current: 3 })).desired).toBe(3);
  expect(policy.decide(inputs({ atMs: 66_000, current: 3 })).desired).toBe(0);
});

test("what was found idle after a restart is kept for a window from then on, whatever was measured by then", () => {
  const policy = autoscaler();
  policy.decide(inputs({ mode: "recovering", current: 3 }));
  const at = (atMs: number) => policy.decide(inputs({ atMs, current: 3, started: 3, runMs: 10, startMs: 200 }));
  expect(reasonOf(at(5_000))).toBe(
    "wanted 0: nothing in flight; keeping 3 for scaledownWindow 1m after the restart that found them",
  );
  expect(policy.nextChangeMs()).toBe(60_000);
  expect(at(59_999).desired).toBe(3);
  expect(at(60_000).desired).toBe(0);
});

test("of what was found no more is kept than is still there", () => {
  const policy = autoscaler();
  policy.decide(inputs({ mode: "recovering", current: 3 }));
  expect(policy.decide(inputs({ atMs: 1_000, current: 2, started: 2, runMs: 10, startMs: 200 })).desired).toBe(2);
});

test("while starts keep failing one more than what runs is wanted", () => {
  const decision = decideOnce({ mode: "degraded", queued: 9, current: 2, started: 2 });
  expect(decision).toMatchObject({ desired: 3, cappedBy: "degraded" });
  expect(decision.reason).toContain("starts keep failing");
});

test("a stopped app wants no container, whatever its minimum", () => {
  expect(decideOnce({ mode: "stopped", queued: 3, settings: { minContainers: 2 } }).desired).toBe(0);
});
