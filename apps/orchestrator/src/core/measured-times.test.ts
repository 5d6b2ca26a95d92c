import { expect, test } from "vitest";
import { batchMs, largestMs } from "./batch-times.ts";
import { measureRun, measureStart } from "./measured-times.ts";
import { newContainer } from "./slots.ts";
import type { Container } from "./state.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

test("the first runs count alike, later ones a fiftieth each", () => {
  const { core } = new ScriptedFunction();
  for (const runMs of [100, 200, 600]) measureRun(core, { startedAtMs: 0, finishedAtMs: runMs }, 1_000);
  expect(core.runMs).toBeCloseTo(300);
  for (let run = 3; run < 1_000; run++) measureRun(core, { startedAtMs: 0, finishedAtMs: 300 }, 1_000);
  expect(core.runMs).toBeCloseTo(300);
  measureRun(core, { startedAtMs: 0, finishedAtMs: 10_300 }, 2_000);
  expect(core.runMs).toBeCloseTo(500);
  expect(core.runEndedMs).toBe(2_000);
});

test("after a deploy the first run of the new code replaces what was measured", () => {
  const fn = new ScriptedFunction();
  for (let run = 0; run < 100; run++) measureRun(fn.core, { startedAtMs: 0, finishedAtMs: 9_000 }, 1_000);
  fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
  expect(fn.core.timesBefore.runMs).toBeCloseTo(9_000);
  measureRun(fn.core, { startedAtMs: 0, finishedAtMs: 20 }, 2_000);
  measureRun(fn.core, { startedAtMs: 0, finishedAtMs: 40 }, 2_000);
  expect(fn.core.runMs).toBe(30);
});

test("a batch is one run, which its last input ends", () => {
  const fn = new ScriptedFunction({ batched: { maxBatchSize: 4, waitMs: 0 } });
  fn.call("m", "map", 4);
  fn.ready("a");
  for (const index of [0, 1, 2]) fn.end("a", ["m", index, 1]);
  expect(fn.core.runsMeasured).toBe(0);
  expect(largestMs(fn.core.batchTimes)).toBeNull();
  fn.end("a", ["m", 3, 1]);
  expect(fn.core.runsMeasured).toBe(1);
  // By its size, whatever of it is left.
  expect(batchMs(fn.core.batchTimes, 4)).toBe(fn.core.runMs);
  fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
  expect(largestMs(fn.core.batchTimes)).toBeNull();
});

test("a start is measured once, of a container that this orchestrator started with this code", () => {
  const fn = new ScriptedFunction();
  const ready = (given: Partial<Container>) => {
    fn.core.startMs = null;
    const container = newContainer(fn.core, `c-${Object.keys(given)}`, fn.core.deploymentId, 1_000);
    measureStart(fn.core, Object.assign(container, given), 4_000);
    return fn.core.startMs;
  };
  expect(ready({})).toBe(3_000);
  expect(ready({ adopted: true })).toBeNull();
  // The clock was set back meanwhile.
  expect(ready({ startingSinceMs: 3_600_000 })).toBeNull();
  expect(ready({ deploymentId: "before" })).toBeNull();
  // Its worker has come back.
  expect(ready({ readyAtMs: 2_000 })).toBeNull();
});
