import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue } from "@bellows/protocol/values";
import { expect, test } from "vitest";
import { statsOf } from "./stats.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

const THROWS = { code: "STARTUP" as const, message: "enter threw: no model at /model" };
let made = 0;

/** One start that fails. */
function failStart(scripted: ScriptedFunction): void {
  const id = `failing-${++made}`;
  scripted.starting(id);
  scripted.step({ type: "containerStartFailed", containerId: id, error: THROWS });
}

test("after three failed starts in a row the waiting sync inputs end with the error of the start", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.call("x", "remote", 1);
  failStart(scripted);
  failStart(scripted);
  expect(scripted.outputs).toEqual([]);
  failStart(scripted);
  const [output] = scripted.outputs;
  expect(output).toMatchObject({ callId: "x", status: OUTPUT_STATUS.failed, attempts: 0, containerId: null });
  expect(output && decodeValue(output.payload)).toMatchObject({ code: "STARTUP", cause: THROWS });
  expect(statsOf(scripted.core).degraded?.message).toContain("enter threw");
});

test("while starts are paused a new sync input is told at once; after the pause it is one more try", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.call("x", "remote", 1);
  for (let failed = 0; failed < 3; failed++) failStart(scripted);
  scripted.call("y", "remote", 1);
  expect(scripted.outputs.map(({ callId }) => callId)).toEqual(["x", "y"]);
  scripted.pass(1_000);
  scripted.call("z", "remote", 1);
  expect(scripted.outputs).toHaveLength(2);
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
});

test("the pause doubles with every failure up to a minute, and one container at a time is tried", () => {
  const scripted = new ScriptedFunction({ minContainers: 5 });
  scripted.step({ type: "tick" });
  const starting = startAsked(scripted);
  expect(starting).toHaveLength(5);
  // Two are started again after the first two failures; those of the five that fail last do not lengthen the pause.
  for (let id = starting.shift(); id; id = starting.shift()) {
    scripted.step({ type: "containerStartFailed", containerId: id, error: THROWS });
    starting.push(...startAsked(scripted));
  }
  expect(scripted.core.startFailures.inARow).toBe(7);
  const pauses: number[] = [];
  for (let probe = 0; probe < 8; probe++) {
    const beganMs = scripted.nowMs;
    while (scripted.of("startContainers").length === 0) scripted.pass(1_000);
    pauses.push((scripted.nowMs - beganMs) / 1_000);
    const [id, ...others] = startAsked(scripted);
    expect(others).toEqual([]);
    if (id) scripted.step({ type: "containerStartFailed", containerId: id, error: THROWS });
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

/** Starts what the last step asked for and returns the ids. */
function startAsked(scripted: ScriptedFunction): string[] {
  const count = scripted.of("startContainers").reduce((sum, effect) => sum + effect.count, 0);
  return Array.from({ length: count }, () => {
    const id = `asked-${++made}`;
    scripted.starting(id);
    return id;
  });
}

test("async inputs end too when this code has never started, those in Postgres included", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.call("one", "spawn", 1);
  scripted.open("many", "spawnMap", { inputCount: 3, storedCount: 3 });
  for (let failed = 0; failed < 3; failed++) failStart(scripted);
  expect(scripted.outputs.map(({ callId }) => callId)).toEqual(["one"]);
  const inputs = [0, 1, 2].map((index) => ({
    index,
    value: new Uint8Array(1),
    failedAttempts: 0,
    lostAttempts: 0,
    lastAttempt: 0,
  }));
  const finished = { succeeded: 0, failed: 0, cancelled: 0 };
  scripted.step({ type: "inputsLoaded", callId: "many", inputs, nextIndex: 3, finished });
  expect(scripted.of("callFinished")).toMatchObject([{ callId: "many", state: "failed", counts: { failed: 3 } }]);
});

test("async inputs are kept when the code has started before", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, maxContainers: 1 });
  scripted.ready("good");
  scripted.call("x", "spawn", 1);
  scripted.step({ type: "containerGone", containerId: "good", error: null });
  for (let failed = 0; failed < 5; failed++) failStart(scripted);
  expect(scripted.outputs).toEqual([]);
  scripted.pass(5_000);
  scripted.ready("again");
  expect(scripted.runs).toEqual(["again x:0#2"]);
  expect(statsOf(scripted.core).degraded).toBeNull();
});

test("a container that runs serves on while more cannot be started", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("good");
  for (let failed = 0; failed < 3; failed++) failStart(scripted);
  scripted.call("x", "map", 2);
  expect(scripted.runs).toEqual(["good x:0#1"]);
  expect(scripted.outputs).toEqual([]);
});

test("a new deployment starts at once, whatever failed before", () => {
  const scripted = new ScriptedFunction({ minContainers: 2 });
  for (let failed = 0; failed < 6; failed++) failStart(scripted);
  scripted.step({ type: "deployed", deploymentId: "next", settings: scripted.core.settings });
  expect(scripted.of("startContainers")).toEqual([{ type: "startContainers", count: 2, deploymentId: "next" }]);
  expect(statsOf(scripted.core).degraded).toBeNull();
});
