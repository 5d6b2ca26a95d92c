import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import type { ScalingInputs } from "./autoscale.ts";
import { autoscaler } from "./autoscaler.ts";

const SLOW_START = { runMs: 200, startMs: 8_000 };
const HOUR_MS = 3_600_000;

function inputs(given: Partial<ScalingInputs>): ScalingInputs {
  const settings = parseFunctionOptions({});
  return {
    ...{ atMs: 0, settings, environmentCap: 100, queued: 0, running: 0, current: 0, started: 0, mode: "normal" },
    ...SLOW_START,
    ...given,
  };
}

test("a clock that is set back by an hour, and again, keeps nothing for an hour", () => {
  const policy = autoscaler();
  const at = (atMs: number, running: number, current: number) =>
    policy.decide(inputs({ atMs, running, current, started: current, runEndedMs: atMs }));
  at(2 * HOUR_MS, 3, 3);
  at(2 * HOUR_MS + 1_000, 0, 3);
  // It goes on from there: the eight seconds begin with what passed before.
  expect(at(HOUR_MS, 0, 3)).toMatchObject({ desired: 3, inputs: { atMs: HOUR_MS } });
  expect(policy.nextChangeMs()).toBe(HOUR_MS + 8_000);
  expect(at(HOUR_MS + 4_000, 0, 3).desired).toBe(3);
  expect(at(0, 0, 3).desired).toBe(3);
  expect(policy.nextChangeMs()).toBe(4_000);
  expect(at(3_999, 0, 3).desired).toBe(3);
  expect(at(4_000, 0, 3).desired).toBe(1);
});

test("nor does it wait for an hour until a burst has lasted", () => {
  const settings = parseFunctionOptions({ concurrent: { maxInputs: 100, targetInputs: 10 } });
  const policy = autoscaler();
  const at = (atMs: number) =>
    policy.decide(inputs({ atMs, settings, running: 100, current: 1, started: 1, runEndedMs: atMs })).desired;
  expect(at(HOUR_MS)).toBe(2);
  at(0);
  expect(at(400)).toBe(10);
});

test("what has run since the last end, before the clock was set back, counts with it from then on", () => {
  const policy = autoscaler();
  const measured = { runsMeasured: 1_000, runEndedMs: HOUR_MS };
  const at = (atMs: number) =>
    policy.decide(inputs({ atMs, queued: 70, running: 10, current: 10, started: 10, ...measured })).desired;
  expect(at(HOUR_MS)).toBe(12);
  expect(at(0)).toBe(12);
  expect(at(49_000)).toBe(80);
});
