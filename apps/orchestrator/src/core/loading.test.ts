import { expect, test } from "vitest";
import type { Effect } from "./events.ts";
import { statsOf } from "./stats.ts";
import { inputs, NONE, ScriptedFunction } from "./testing/scripted-function.ts";

/** Answers every load until none is asked for; returns how many inputs of each call were loaded. */
function answerLoads(scripted: ScriptedFunction, valueBytes = 1): Map<string, number> {
  const loaded = new Map<string, number>();
  const asked: Extract<Effect, { type: "load" }>[] = scripted.of("load");
  for (let load = asked.shift(); load; load = asked.shift()) {
    const nextIndex = load.fromIndex + load.limit;
    const value = new Uint8Array(valueBytes);
    const page = inputs(load.fromIndex, load.limit).map((input) => ({ ...input, value }));
    loaded.set(load.callId, nextIndex);
    scripted.step({ type: "inputsLoaded", callId: load.callId, inputs: page, nextIndex, finished: NONE });
    asked.push(...scripted.of("load"));
  }
  return loaded;
}

test("of a million pending inputs a window is in memory", () => {
  const scripted = new ScriptedFunction();
  scripted.open("x", "spawnMap", { inputCount: 1_000_000, storedCount: 1_000_000 });
  const loaded = answerLoads(scripted).get("x") ?? 0;
  expect(loaded).toBeGreaterThanOrEqual(1_000);
  expect(loaded).toBeLessThanOrEqual(4_096);
  expect(statsOf(scripted.core).queued).toBe(1_000_000);
});

test("the window is bounded in bytes too", () => {
  const scripted = new ScriptedFunction();
  scripted.open("x", "spawnMap", { inputCount: 10_000, storedCount: 10_000 });
  answerLoads(scripted, 100_000);
  expect(scripted.core.asyncBytes).toBeLessThan(16 * 1024 * 1024);
});

test("many calls share the window, and each has some of its inputs in memory", () => {
  const scripted = new ScriptedFunction();
  const calls = Array.from({ length: 30 }, (_, number) => `call-${number}`);
  scripted.step(
    ...calls.map((callId) => ({
      type: "callOpened" as const,
      callId,
      kind: "spawnMap" as const,
      inputCount: 100_000,
      storedCount: 100_000,
      parent: null,
      counts: NONE,
    })),
  );
  expect([...answerLoads(scripted).keys()].sort()).toEqual([...calls].sort());
  expect(scripted.core.queued.async).toBeLessThan(8_192);
});

test("more is loaded before the window is empty", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.open("x", "spawnMap", { inputCount: 10_000, storedCount: 10_000 });
  answerLoads(scripted);
  scripted.ready("a");
  let asked = 0;
  for (let index = 0; asked === 0; index++) {
    scripted.end("a", ["x", index, 1]);
    asked = scripted.of("load").length;
  }
  expect(scripted.core.queued.async).toBeGreaterThan(500);
});

test("a load that finds nothing committed is repeated after a while, not at once", () => {
  const scripted = new ScriptedFunction();
  scripted.open("x", "spawnMap");
  scripted.step({ type: "inputsStored", callId: "x", count: 10 });
  expect(scripted.of("load")).toMatchObject([{ fromIndex: 0 }]);
  scripted.step({ type: "inputsLoaded", callId: "x", inputs: [], nextIndex: 0, finished: NONE });
  expect(scripted.of("load")).toEqual([]);
  scripted.pass(1_000);
  expect(scripted.of("load")).toMatchObject([{ fromIndex: 0 }]);
});

test("sync inputs that come while stored ones before them are read wait for them", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, minContainers: 1 }, { recovering: true });
  scripted.ready("a");
  scripted.open("x", "map", { storedCount: 2 });
  scripted.give("x", 2, 2);
  scripted.step({ type: "recovered" });
  expect(scripted.runs).toEqual([]);
  scripted.step({ type: "inputsLoaded", callId: "x", inputs: inputs(0, 2), nextIndex: 2, finished: NONE });
  expect(scripted.runs).toEqual(["a x:0#1"]);
  expect(statsOf(scripted.core).queued).toBe(3);
});
