import type { FunctionOptions } from "@bellows/protocol/function-options";
import { describe, expect, test } from "vitest";
import { noteBatch } from "./batch-times.ts";
import { loadOf } from "./load.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

const BATCHED = { batched: { maxBatchSize: 8, waitMs: 0 } };

interface Scene {
  runMs: number | null;
  startMs: number | null;
  /** Inputs of a batch in each container, which has run for so long. */
  running: number[];
  ranMs?: number;
  waiting: number;
  options?: FunctionOptions;
}

function scene({ runMs, startMs, running, ranMs = 0, waiting, options = {} }: Scene): ScriptedFunction {
  const fn = new ScriptedFunction({ ...BATCHED, ...options });
  for (const [no, count] of running.entries()) {
    fn.call(`running-${no}`, "map", count);
    fn.ready(`c${no}`);
  }
  fn.nowMs += ranMs;
  Object.assign(fn.core, { runMs, startMs });
  fn.open("waiting", "map", { inputCount: waiting });
  if (waiting > 0) fn.give("waiting", 0, waiting);
  return fn;
}

function load(given: Scene) {
  const { core, nowMs } = scene(given);
  const { queued, running } = loadOf(core, nowMs);
  return [queued, running];
}

describe("batches as units, those that wait and those that run", () => {
  const short = { runMs: 1_000, startMs: 5_000 };
  const long = { runMs: 60_000, startMs: 5_000 };

  test.each<[string, Scene, [queued: number, running: number]]>([
    ["nothing is known: each is one", { runMs: null, startMs: null, running: [1, 1], waiting: 9 }, [2, 2]],
    ["short ones count as full as they are", { ...short, running: [3, 3], waiting: 0 }, [0, 1]],
    ["what waits follows short ones", { ...short, running: [8], waiting: 8 }, [0, 1]],
    ["and what does not fit is one more", { ...short, running: [8], waiting: 9 }, [1, 1]],
    ["long ones are one each", { ...long, running: [3, 3], waiting: 0 }, [0, 2]],
    ["what waits does not wait for their end", { ...long, running: [8], waiting: 1 }, [1, 1]],
    ["unless that is within a start", { ...long, running: [8], ranMs: 55_000, waiting: 8 }, [0, 1]],
    ["or was that long ago", { ...long, running: [8], ranMs: 65_000, waiting: 8 }, [0, 1]],
    ["one that is overdue for longer may hang", { ...long, running: [8], ranMs: 65_001, waiting: 8 }, [1, 1]],
    ["so may a short one that takes many times as long", { ...short, running: [8], ranMs: 5_001, waiting: 8 }, [1, 1]],
    ["but not one that is a little late", { ...short, running: [8], ranMs: 5_000, waiting: 8 }, [0, 1]],
    [
      "nothing follows in a container of one batch",
      { ...short, running: [8], waiting: 8, options: { singleUseContainers: true } },
      [1, 1],
    ],
  ])("%s", (_, given, expected) => {
    expect(load(given)).toEqual(expected);
  });

  test("nothing follows in a container that is cut off or ends", () => {
    const cut = scene({ ...short, running: [8], waiting: 8 });
    cut.step({ type: "containerUnlinked", containerId: "c0" });
    expect(loadOf(cut.core, cut.nowMs)).toMatchObject({ queued: 1, running: 1 });
    const ending = scene({ ...short, running: [8], waiting: 8 });
    ending.step({ type: "deployed", deploymentId: "deployment-2", settings: ending.core.settings });
    // What it runs has its place.
    expect(loadOf(ending.core, ending.nowMs)).toMatchObject({ queued: 1, running: 0 });
  });

  test("what was found after a restart takes all slots of its container, and as many can follow", () => {
    const options = { concurrent: { maxInputs: 2 } };
    const fn = scene({ ...long, running: [], waiting: 16, options });
    fn.open("found", "map", { inputCount: 3 });
    fn.ready("a", 2, [
      ["found", 0, 1],
      ["found", 1, 1],
    ]);
    expect(loadOf(fn.core, fn.nowMs)).toMatchObject({ queued: 2, running: 2 });
    expect(loadOf(fn.core, fn.nowMs + 58_000)).toMatchObject({ queued: 0, running: 2 });
  });

  test("new code goes by the times of the code before", () => {
    const fn = scene({ ...short, running: [8], waiting: 0 });
    fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
    fn.step({ type: "containerStarting", containerId: "new", deploymentId: "deployment-2" });
    fn.call("next", "map", 6);
    fn.step({ type: "containerReady", containerId: "new", slots: 1, startMs: 1, held: [] });
    fn.core.startMs = null;
    fn.call("after", "map", 6);
    expect(loadOf(fn.core, fn.nowMs)).toMatchObject({ queued: 0, running: 1 });
  });

  test("short ones count as what their inputs would take of full ones, which take less for each", () => {
    const small = scene({ ...short, running: [3, 3], waiting: 0 });
    // Full ones take no longer: six of eight.
    noteBatch(small.core.batchTimes, 3, 1_000);
    expect(loadOf(small.core, small.nowMs)).toMatchObject({ running: 1 });
    // They take 1.5 times as long: nine of eight.
    noteBatch(small.core.batchTimes, 8, 1_500);
    expect(loadOf(small.core, small.nowMs)).toMatchObject({ running: 2 });
    // Where they take no time at all there is no telling.
    const none = scene({ runMs: 10_000, startMs: 5_000, running: [3], waiting: 8 });
    noteBatch(none.core.batchTimes, 3, 0);
    expect(loadOf(none.core, none.nowMs)).toMatchObject({ queued: 0, running: 1 });
    // And never as more than the one that it is.
    const one = scene({ ...short, running: [3], waiting: 0 });
    noteBatch(one.core.batchTimes, 3, 100);
    noteBatch(one.core.batchTimes, 8, 4_000);
    expect(loadOf(one.core, one.nowMs)).toMatchObject({ queued: 0, running: 1 });
  });

  test("one that takes longer than a start is one, also where others ended at once", () => {
    const mixed = scene({ runMs: 10_000, startMs: 5_000, running: [3, 3], ranMs: 6_000, waiting: 0 });
    noteBatch(mixed.core.batchTimes, 3, 10_000);
    noteBatch(mixed.core.batchTimes, 1, 1);
    expect(loadOf(mixed.core, mixed.nowMs)).toMatchObject({ running: 2 });
  });

  test("whether they are short is told by full ones, whatever small ones take", () => {
    const small = scene({ ...short, running: [1, 1], waiting: 0 });
    noteBatch(small.core.batchTimes, 1, 1_000);
    noteBatch(small.core.batchTimes, 8, 5_000);
    expect(loadOf(small.core, small.nowMs)).toMatchObject({ running: 2 });
  });

  test("one fewer is counted only when half a batch of room would be left", () => {
    const two = scene({ ...short, running: [5, 4], waiting: 0 });
    expect(loadOf(two.core, two.nowMs)).toMatchObject({ running: 2, sharedBatches: 2 });
    two.core.sharedBatches = 2;
    two.end("c0", ["running-0", 0, 1]);
    expect(loadOf(two.core, two.nowMs)).toMatchObject({ running: 2 });
    for (const index of [1, 2, 3]) two.end("c0", ["running-0", index, 1]);
    // Five of sixteen.
    expect(loadOf(two.core, two.nowMs)).toMatchObject({ running: 2 });
    two.end("c1", ["running-1", 0, 1]);
    expect(loadOf(two.core, two.nowMs)).toMatchObject({ running: 1 });
  });
});
