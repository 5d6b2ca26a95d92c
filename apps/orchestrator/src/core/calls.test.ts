import { decodeValue } from "@bellows/protocol/values";
import { expect, test } from "vitest";
import { callStatusOf, statsOf } from "./stats.ts";
import { inputs, NONE, ScriptedFunction, THROWN } from "./testing/scripted-function.ts";

test("an empty call ends when it is closed", () => {
  const scripted = new ScriptedFunction();
  scripted.open("x", "map");
  expect(scripted.of("callFinished")).toEqual([]);
  scripted.step({ type: "callClosed", callId: "x", inputCount: 0 });
  expect(scripted.of("callFinished")).toMatchObject([{ state: "succeeded", inputCount: 0, counts: NONE }]);
});

test("a call with every input ended stays open until it is closed", () => {
  const scripted = new ScriptedFunction({ minContainers: 1 });
  scripted.open("x", "map");
  scripted.give("x", 0, 1);
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("callFinished")).toEqual([]);
  expect(callStatusOf(scripted.core, "x")).toMatchObject({
    state: "running",
    counts: { succeeded: 1 },
    receivedCount: 1,
  });
  scripted.step({ type: "callClosed", callId: "x", inputCount: 1 });
  expect(scripted.of("callFinished")).toHaveLength(1);
});

test("one failed input makes a failed call", () => {
  const scripted = new ScriptedFunction({ minContainers: 1 });
  scripted.call("x", "map", 2);
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  scripted.end("a", ["x", 1, 1]);
  expect(scripted.of("callFinished")).toMatchObject([{ state: "failed", counts: { succeeded: 1, failed: 1 } }]);
});

test("cancelling ends queued inputs at once, stops running ones, and runs none any more", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, retries: 3 });
  scripted.open("x", "map");
  scripted.give("x", 0, 3);
  scripted.ready("a");
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: false });
  expect(scripted.outputs.map(({ index }) => index)).toEqual([1, 2]);
  expect(scripted.outputs[0] && decodeValue(scripted.outputs[0].payload)).toMatchObject({ code: "CANCELLED" });
  expect(scripted.of("cancelAttempts")).toMatchObject([{ containerId: "a", attempts: [["x", 0, 1]] }]);
  expect(scripted.of("callFinished")).toEqual([]);
  // Even a failure that would be tried again is the end now; and nothing that still comes is run.
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.of("callFinished")).toMatchObject([{ state: "cancelled", inputCount: 3 }]);
  scripted.give("x", 3, 2);
  expect(scripted.effects.filter(({ type }) => type === "run" || type === "output")).toEqual([]);
});

test("cancelling with terminateContainers ends the containers, and what else they ran goes back uncounted", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, concurrent: { maxInputs: 2 } });
  scripted.call("x", "remote", 1);
  scripted.call("y", "remote", 1);
  scripted.ready("a", 2);
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: true });
  expect(scripted.of("kill")).toMatchObject([{ containerId: "a" }]);
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
  scripted.step({ type: "containerGone", containerId: "a", error: null });
  expect(scripted.of("callFinished")).toMatchObject([{ callId: "x", state: "cancelled" }]);
  scripted.ready("b", 2);
  expect(scripted.runs).toEqual(["b y:0#2"]);
  expect(scripted.core.calls.get("y")?.inputs.get(0)?.lostAttempts).toBe(0);
});

test("prefetched inputs of a cancelled call are taken back, not cancelled in their container", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, minContainers: 1 });
  scripted.ready("a");
  scripted.measured(1);
  scripted.call("x", "map", 3);
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: false });
  expect(scripted.of("cancelAttempts")).toMatchObject([{ attempts: [["x", 0, 1]] }]);
  expect(scripted.of("recall")).toMatchObject([
    {
      attempts: [
        ["x", 1, 1],
        ["x", 2, 1],
      ],
    },
  ]);
  // One began before the recall arrived: it is cancelled then.
  scripted.step({ type: "attemptsStarted", containerId: "a", attempts: [["x", 1, 1]] });
  expect(scripted.of("cancelAttempts")).toMatchObject([{ attempts: [["x", 1, 1]] }]);
  scripted.step({ type: "attemptsReturned", containerId: "a", attempts: [["x", 2, 1]] });
  expect(scripted.outputs.map(({ index }) => index)).toEqual([2]);
});

test("a million stored inputs are cancelled page by page, never in one step", () => {
  const scripted = new ScriptedFunction();
  scripted.open("x", "spawnMap", { inputCount: 1_000_000, storedCount: 1_000_000 });
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: false });
  let load = scripted.of("load")[0];
  // The first load was asked for before the cancel.
  load ??= { type: "load", callId: "x", fromIndex: 0, limit: 64 };
  let largest = 0;
  for (let pages = 0; load && pages < 20_000; pages++) {
    const nextIndex = Math.min(1_000_000, load.fromIndex + load.limit);
    const page = inputs(load.fromIndex, nextIndex - load.fromIndex);
    scripted.outputs.length = 0;
    scripted.step({ type: "inputsLoaded", callId: "x", inputs: page, nextIndex, finished: NONE });
    largest = Math.max(largest, scripted.effects.length);
    load = scripted.of("load")[0];
  }
  expect(scripted.of("callFinished")).toMatchObject([{ state: "cancelled", counts: { cancelled: 1_000_000 } }]);
  expect(largest).toBeLessThan(3_000);
}, 60_000);

test("stopping the app cancels its calls and ends its containers; a deploy revives it", () => {
  const scripted = new ScriptedFunction({ minContainers: 2 });
  scripted.call("x", "map", 2);
  scripted.ready("a");
  scripted.starting("b");
  scripted.step({ type: "stopped" });
  expect(scripted.outputs.map(({ index }) => index)).toEqual([1]);
  expect(scripted.of("kill").map(({ containerId }) => containerId)).toEqual(["b"]);
  expect(scripted.of("cancelAttempts")).toHaveLength(1);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("drain").map(({ containerId }) => containerId)).toEqual(["a"]);
  expect(scripted.of("startContainers")).toEqual([]);
  scripted.call("y", "remote", 1);
  expect(statsOf(scripted.core)).toMatchObject({ queued: 0, desiredContainers: 0 });
  scripted.step({ type: "deployed", deploymentId: "next", settings: scripted.core.settings });
  expect(scripted.of("startContainers")).toMatchObject([{ count: 2, deploymentId: "next" }]);
});

test("a call that was retried begins again: old outputs told again change nothing, new attempts have higher numbers", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.call("x", "spawnMap", 2);
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1]);
  scripted.end("a", ["x", 1, 1], { error: THROWN });
  expect(scripted.of("callFinished")).toMatchObject([{ state: "failed" }]);
  scripted.open("x", "spawnMap", { inputCount: 2, storedCount: 2, counts: { succeeded: 1, failed: 0, cancelled: 0 } });
  expect(callStatusOf(scripted.core, "x")?.counts.succeeded).toBe(1);
  // Offered again by its container, before and after the input is in memory.
  scripted.end("a", ["x", 1, 1], { error: THROWN });
  const [input] = inputs(1, 1);
  if (!input) throw new Error("there is one input");
  const finished = { succeeded: 1, failed: 0, cancelled: 0 };
  scripted.step({ type: "inputsLoaded", callId: "x", inputs: [{ ...input, lastAttempt: 1 }], nextIndex: 2, finished });
  expect(scripted.runs).toEqual(["a x:1#2"]);
  scripted.end("a", ["x", 1, 1], { error: THROWN });
  expect(scripted.outputs).toHaveLength(2);
  scripted.end("a", ["x", 1, 2]);
  expect(scripted.of("callFinished")).toMatchObject([{ state: "succeeded", counts: { succeeded: 2 } }]);
});

test("the counts of a call that came back are at least those of its row, and right when all is loaded", () => {
  const scripted = new ScriptedFunction({}, { recovering: true });
  scripted.open("x", "spawnMap", {
    inputCount: 5_000,
    storedCount: 5_000,
    counts: { succeeded: 4_000, failed: 10, cancelled: 0 },
  });
  expect(callStatusOf(scripted.core, "x")?.counts).toEqual({ succeeded: 4_000, failed: 10, cancelled: 0 });
  expect(statsOf(scripted.core).queued).toBe(990);
  const finished = { succeeded: 4_500, failed: 10, cancelled: 0 };
  scripted.step({ type: "inputsLoaded", callId: "x", inputs: [], nextIndex: 4_510, finished });
  expect(callStatusOf(scripted.core, "x")?.counts).toEqual(finished);
  expect(statsOf(scripted.core).queued).toBe(490);
});

test("the calls of others are loaded while many large ones are cancelled, and few of those at a time", () => {
  const scripted = new ScriptedFunction();
  for (let nth = 0; nth < 20; nth++) {
    scripted.open(`doomed-${nth}`, "spawnMap", { inputCount: 100_000, storedCount: 100_000 });
  }
  const cancels = Array.from({ length: 20 }, (_, nth) => ({
    type: "callCancelled" as const,
    callId: `doomed-${nth}`,
    terminateContainers: false,
  }));
  scripted.step(...cancels);
  scripted.open("other", "spawnMap", { inputCount: 10, storedCount: 10 });
  expect(scripted.of("load")).toMatchObject([{ callId: "other" }]);
  expect(statsOf(scripted.core).queued).toBe(10);
});
