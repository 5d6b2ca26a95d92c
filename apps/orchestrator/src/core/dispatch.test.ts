import { countItems, refsOf } from "@bellows/protocol/frame-parts";
import { expect, test } from "vitest";
import { ScriptedFunction } from "./testing/scripted-function.ts";

/** How many inputs each container got in the last step. */
function shares(scripted: ScriptedFunction): Record<string, number> {
  return Object.fromEntries(scripted.of("run").map(({ containerId, inputs }) => [containerId, countItems(inputs)]));
}

const FOUR = { concurrent: { maxInputs: 4, targetInputs: 2 } };

test("the fullest container below its target is filled first, so that the others can idle out", () => {
  const scripted = new ScriptedFunction({ ...FOUR, minContainers: 3 });
  for (const id of ["a", "b", "c"]) scripted.ready(id, 4);
  scripted.call("x", "remote", 1);
  const [first] = Object.keys(shares(scripted));
  scripted.call("y", "remote", 1);
  expect(Object.keys(shares(scripted))).toEqual([first]);
});

test("above the target only what would otherwise wait is given, evenly", () => {
  const scripted = new ScriptedFunction({ ...FOUR, minContainers: 2 });
  scripted.ready("a", 4);
  scripted.ready("b", 4);
  scripted.call("x", "map", 4);
  expect(shares(scripted)).toEqual({ a: 2, b: 2 });
  scripted.call("y", "map", 2);
  expect(shares(scripted)).toEqual({ a: 1, b: 1 });
});

test("slots are never exceeded by a function that is slow or not measured yet", () => {
  const scripted = new ScriptedFunction({ ...FOUR, maxContainers: 1, minContainers: 1 });
  scripted.ready("a", 4);
  scripted.call("x", "map", 100);
  expect(shares(scripted)).toEqual({ a: 4 });
  scripted.measured(500);
  scripted.end("a", ["x", 0, 1], { runMs: 500 });
  expect(shares(scripted)).toEqual({ a: 1 });
});

test("a fast function gets some milliseconds of work ahead, shared equally, never more than 1,024 inputs", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("a");
  scripted.ready("b");
  scripted.measured(0.1);
  scripted.call("x", "map", 1_000);
  expect(shares(scripted)).toEqual({ a: 101, b: 101 });
  const tiny = new ScriptedFunction({ maxContainers: 1, minContainers: 1 });
  tiny.ready("a");
  tiny.measured(0);
  tiny.call("x", "map", 4_000);
  expect(shares(tiny)).toEqual({ a: 1_025 });
});

test("a short queue is shared among the agents, not piled up in one", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("a");
  scripted.ready("b");
  scripted.measured(0.1);
  scripted.call("x", "map", 12);
  expect(shares(scripted)).toEqual({ a: 6, b: 6 });
});

test("prefetched inputs begin in the order in which they were handed over", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, minContainers: 1 });
  scripted.ready("a");
  scripted.measured(1);
  scripted.call("x", "map", 5);
  expect(scripted.runs).toEqual(["a x:0#1", "a x:1#1", "a x:2#1", "a x:3#1", "a x:4#1"]);
});

test("a single-use container gets one input and is drained after it", () => {
  const scripted = new ScriptedFunction({ singleUseContainers: true, maxContainers: 1, concurrent: { maxInputs: 3 } });
  scripted.measured(0.1);
  scripted.call("x", "map", 2);
  scripted.ready("a", 3);
  expect(scripted.runs).toEqual(["a x:0#1"]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.runs).toEqual([]);
  expect(scripted.of("drain")).toMatchObject([{ containerId: "a" }]);
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
});

const MIB = 1024 * 1024;

function largeInputs(count: number, bytes: number) {
  return Array.from({ length: count }, (_, index) => ({
    index,
    value: new Uint8Array(bytes),
    failedAttempts: 0,
    lostAttempts: 0,
    lastAttempt: 0,
  }));
}

test("what one container gets at once is told in several messages when it is large", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, concurrent: { maxInputs: 8 } });
  scripted.open("x", "map", { inputCount: 7 });
  scripted.ready("a", 8);
  const inputs = largeInputs(7, 3 * MIB).map((input) =>
    input.index < 6 ? input : { ...input, value: new Uint8Array(15 * MIB) },
  );
  scripted.step({ type: "inputsArrived", callId: "x", inputs });
  expect(scripted.of("run").map(({ inputs }) => refsOf(inputs).map(([, index]) => index))).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
    [6],
  ]);
});

test("at most 4 MiB wait in an agent, however fast the function is", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, minContainers: 1 });
  scripted.ready("a");
  scripted.measured(0);
  scripted.open("x", "map", { inputCount: 9 });
  scripted.step({ type: "inputsArrived", callId: "x", inputs: largeInputs(9, 1.5 * MIB) });
  expect(scripted.runs).toEqual(["a x:0#1", "a x:1#1", "a x:2#1"]);
  scripted.end("a", ["x", 0, 1], { runMs: 0 });
  expect(scripted.runs).toEqual(["a x:3#1"]);
});
