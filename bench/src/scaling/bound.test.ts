import { randomOf } from "@bellows/orchestrator/seeded-random";
import { simulate } from "@bellows/orchestrator/simulate";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { clairvoyantBound } from "./bound.ts";
import { CONTENDERS } from "./policies.ts";
import { loadSolver } from "./solver.ts";

const solver = await loadSolver();

test("one input needs a start and its own time, however long it may wait", () => {
  const arrivals = { atMs: [0], serviceMs: [10_000] };
  const atOnce = clairvoyantBound(solver, { arrivals, startMs: 3_000, waitMs: 0, steps: 100 });
  expect(atOnce).toBeCloseTo(13, 1);
  // A part of a container that takes longer is cheaper to start: the bound is of a fluid.
  expect(clairvoyantBound(solver, { arrivals, startMs: 3_000, waitMs: 10_000, steps: 100 })).toBeLessThanOrEqual(
    atOnce,
  );
});

test("the longer an input may wait, the less is needed, and never less than the work", () => {
  const arrivals = { atMs: [0, 0, 0, 60_000], serviceMs: [5_000, 5_000, 5_000, 5_000] };
  const bounds = [0, 2_000, 10_000, 60_000].map((waitMs) => {
    return clairvoyantBound(solver, { arrivals, startMs: 15_000, waitMs, steps: 100 });
  });
  expect(bounds).toEqual([...bounds].sort((a, b) => b - a));
  expect(bounds.at(-1)).toBeGreaterThanOrEqual(20 - 0.01);
});

test("one input in twenty may wait for ever, but costs its own time", () => {
  const together = (count: number) => {
    const arrivals = { atMs: Array(count).fill(0), serviceMs: Array(count).fill(10_000) };
    return clairvoyantBound(solver, { arrivals, startMs: 60_000, waitMs: 0, steps: 100 });
  };
  // Each that may not wait has a container.
  expect(together(19)).toBeCloseTo(19 * 10 + 19 * 60, 0);
  expect(together(40)).toBeCloseTo(40 * 10 + 38 * 60, 0);
});

test("no policy is below the bound for its own 95th percentile", () => {
  for (let seed = 0; seed < 3; seed++) {
    const random = randomOf(seed);
    const atMs = Array.from({ length: 99 }, () => random.between(0, 120_000)).sort((a, b) => a - b);
    const arrivals = { atMs, serviceMs: atMs.map(() => random.between(1, 9_000)) };
    for (const { options, policy } of CONTENDERS) {
      const startMs = random.between(100, 20_000);
      const { waitMs, containerSeconds } = simulate({
        settings: parseFunctionOptions(options),
        arrivals,
        model: { startMs: () => startMs },
        untilMs: 2_000_000,
        ...(policy ? { policy: policy() } : {}),
        environmentCap: 100,
        gpusPerContainer: 0,
        timelinePoints: 0,
      });
      const bound = clairvoyantBound(solver, { arrivals, startMs, waitMs: waitMs.p95, steps: 100 });
      expect(containerSeconds).toBeGreaterThanOrEqual(bound);
    }
  }
}, 120_000);
