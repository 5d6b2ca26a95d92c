import { expect, test } from "vitest";
import { statsOf } from "./stats.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

/** A function with one container of two slots, whose two inputs run. */
function twoRunning(): ScriptedFunction {
  const scripted = new ScriptedFunction({ maxContainers: 1, concurrent: { maxInputs: 2 } });
  scripted.call("x", "map", 2);
  scripted.ready("a", 2);
  return scripted;
}

test("a function whose slots all wait for calls of itself is told of, with what to raise", () => {
  const scripted = twoRunning();
  scripted.open("y", "remote", { parent: { callId: "x", index: 0 } });
  scripted.give("y", 0, 1);
  expect(statsOf(scripted.core).deadlock).toBeNull();
  scripted.open("z", "remote", { parent: { callId: "x", index: 1 } });
  scripted.give("z", 0, 1);
  expect(statsOf(scripted.core).deadlock).toBe(
    "all 2 running inputs in 1 container have called this same function, and those calls wait for a free slot; " +
      "raise maxContainers above 1 or concurrent.maxInputs above 2, or call another function from it",
  );
});

test("the environment's limit is named where that is in the way, and raising it ends the warning", () => {
  const scripted = twoRunning();
  scripted.step({
    type: "deployed",
    deploymentId: "deployment-1",
    settings: { ...scripted.core.settings, maxContainers: 9 },
  });
  scripted.starting("b");
  scripted.step({ type: "capChanged", environmentCap: 1 });
  scripted.step({ type: "containerGone", containerId: "b", error: null });
  for (const index of [0, 1]) {
    scripted.open(`child-${index}`, "remote", { inputCount: 1, parent: { callId: "x", index } });
    scripted.give(`child-${index}`, 0, 1);
  }
  expect(statsOf(scripted.core).deadlock).toContain("raise the environment's limit of 1 containers");
  scripted.step({ type: "capChanged", environmentCap: 2 });
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
  expect(statsOf(scripted.core).deadlock).toBeNull();
});

test("a call that has ended, or one slot that waits for nothing, is no deadlock", () => {
  const scripted = twoRunning();
  for (const index of [0, 1]) {
    scripted.open(`child-${index}`, "remote", { inputCount: 1, parent: { callId: "x", index } });
    scripted.give(`child-${index}`, 0, 1);
  }
  scripted.step({ type: "callCancelled", callId: "child-0", terminateContainers: false });
  expect(statsOf(scripted.core).deadlock).toBeNull();
  expect(scripted.core.children.size).toBe(1);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.runs).toEqual(["a child-1:0#1"]);
  scripted.end("a", ["child-1", 0, 1]);
  expect(scripted.core.children.size).toBe(0);
});

test("a batch waits for itself when one of its inputs has made the call", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, batched: { maxBatchSize: 4, waitMs: 0 } });
  scripted.call("x", "map", 3);
  scripted.ready("a");
  expect(scripted.core.containers.get("a")?.batches.size).toBe(1);
  expect(statsOf(scripted.core).deadlock).toBeNull();
  scripted.open("y", "remote", { inputCount: 1, parent: { callId: "x", index: 0 } });
  scripted.give("y", 0, 1);
  expect(statsOf(scripted.core).deadlock).toContain(
    "all 1 running batches in 1 container have called this same function",
  );
});
