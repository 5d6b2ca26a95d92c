import { expect, test } from "vitest";
import { measureRun } from "./measured-times.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

test("the first runs count alike, later ones a fiftieth each", () => {
  const { core } = new ScriptedFunction();
  for (const runMs of [100, 200, 600]) measureRun(core, 0, runMs, 1_000);
  expect(core.runMs).toBeCloseTo(300);
  for (let run = 3; run < 1_000; run++) measureRun(core, 0, 300, 1_000);
  expect(core.runMs).toBeCloseTo(300);
  measureRun(core, 0, 10_300, 2_000);
  expect(core.runMs).toBeCloseTo(500);
  expect(core.runEndedMs).toBe(2_000);
});

test("after a deploy the first run of the new code replaces what was measured", () => {
  const fn = new ScriptedFunction();
  for (let run = 0; run < 100; run++) measureRun(fn.core, 0, 9_000, 1_000);
  fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
  expect(fn.core.timesBefore.runMs).toBeCloseTo(9_000);
  measureRun(fn.core, 0, 20, 2_000);
  expect(fn.core.runMs).toBe(20);
});
