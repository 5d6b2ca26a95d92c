import { decodeValue } from "@bellows/protocol/values";
import { expect, test } from "vitest";
import { inputs, NONE, ScriptedFunction, THROWN } from "./testing/scripted-function.ts";

function generator(init: { recovering?: boolean } = {}): ScriptedFunction {
  const scripted = new ScriptedFunction({ maxContainers: 1, retries: 3 }, init);
  scripted.core.settings = { ...scripted.core.settings, kind: "generator" };
  return scripted;
}

const CRASHED = { code: "CONTAINER_CRASHED" as const, message: "out of memory" };

test("a generator that throws, or whose container is lost, ends at once and is not tried again", () => {
  const scripted = generator();
  scripted.call("x", "remoteGen", 1);
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.outputs).toMatchObject([{ callId: "x", attempts: 1 }]);
  scripted.call("y", "remoteGen", 1);
  scripted.step({ type: "containerGone", containerId: "a", error: CRASHED });
  expect(scripted.of("attemptFailed")).toEqual([]);
  expect(scripted.outputs.map(({ payload }) => decodeValue(payload))).toMatchObject([
    { code: "REMOTE" },
    { code: "CONTAINER_CRASHED" },
  ]);
});

test("one that has begun ends also with a container that was told to end, and one that has not goes to another", () => {
  const scripted = generator();
  scripted.call("x", "remoteGen", 1);
  scripted.ready("a");
  scripted.measured(0);
  scripted.call("y", "remoteGen", 1);
  // Nothing waits in the agent, where it would not be known whether it has begun.
  expect(scripted.runs).toEqual([]);
  scripted.step({ type: "attemptsReturned", containerId: "a", attempts: [["x", 0, 1]] });
  expect(scripted.outputs).toEqual([]);
  scripted.step({ type: "containerStopAsked", containerId: "a", reason: "asked" });
  scripted.step({ type: "containerGone", containerId: "a", error: null });
  expect(scripted.outputs).toHaveLength(1);
});

test("after a restart one that no container has brought back counts as begun; new ones run", () => {
  const scripted = generator({ recovering: true });
  scripted.starting("a");
  scripted.open("held", "remoteGen", { inputCount: 1, storedCount: 1 });
  scripted.open("gone", "remoteGen", { inputCount: 1, storedCount: 1 });
  for (const callId of ["held", "gone"]) {
    scripted.step({ type: "inputsLoaded", callId, inputs: inputs(0, 1), nextIndex: 1, finished: NONE });
  }
  scripted.call("new", "remoteGen", 1);
  scripted.ready("a", 1, [["held", 0, 1]]);
  scripted.step({ type: "recovered" });
  expect(scripted.outputs).toMatchObject([{ callId: "gone" }]);
  scripted.end("a", ["held", 0, 1]);
  expect(scripted.runs).toEqual(["a new:0#1"]);
});

test("one that its container came back without ends: the word of its loss may be what did not arrive", () => {
  const scripted = generator();
  scripted.call("x", "remoteGen", 1);
  scripted.ready("a");
  scripted.step({ type: "containerUnlinked", containerId: "a" });
  scripted.step({ type: "containerReady", containerId: "a", slots: 1, startMs: 1, held: [] });
  scripted.pass(1_000);
  expect(scripted.outputs).toMatchObject([{ callId: "x", containerId: "a" }]);
});
