import { LIMITS } from "@bellows/protocol/limits";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue } from "@bellows/protocol/values";
import { expect, test } from "vitest";
import { DEPLOYMENT, inputs, NONE, ScriptedFunction, THROWN } from "./testing/scripted-function.ts";

const CRASH = { code: "CONTAINER_CRASHED" as const, message: "killed" };

function running(options: ConstructorParameters<typeof ScriptedFunction>[0] = {}): ScriptedFunction {
  const scripted = new ScriptedFunction({ minContainers: 1, ...options });
  scripted.call("x", "map", 1);
  scripted.ready("a");
  return scripted;
}

test("a result ends the input with one output, told again it changes nothing", () => {
  const scripted = running();
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("output").map(({ output }) => output)).toMatchObject([
    { callId: "x", index: 0, status: OUTPUT_STATUS.succeeded, attempts: 1, containerId: "a" },
  ]);
  expect(scripted.of("callFinished")).toMatchObject([{ state: "succeeded", inputCount: 1 }]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.effects.filter(({ type }) => type === "output" || type === "callFinished")).toEqual([]);
});

test("a failed attempt is stored, waits, and is run again until the retries are used up", () => {
  const scripted = running({ retries: { maxRetries: 1, initialDelay: 500, backoffCoefficient: 1 } });
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.of("attemptFailed")).toMatchObject([{ index: 0, attempt: 1, containerId: "a" }]);
  expect(scripted.of("output")).toEqual([]);
  expect(scripted.of("wake").map(({ atMs }) => atMs - scripted.nowMs)).toContain(500);
  scripted.pass(499);
  expect(scripted.runs).toEqual([]);
  scripted.pass(1);
  expect(scripted.runs).toEqual(["a x:0#2"]);
  scripted.end("a", ["x", 0, 2], { error: THROWN });
  expect(scripted.of("output")).toMatchObject([{ output: { status: OUTPUT_STATUS.failed, attempts: 2 } }]);
  expect(scripted.of("callFinished")).toMatchObject([{ state: "failed" }]);
});

test("the same failure told twice is charged once", () => {
  const scripted = running({ retries: { maxRetries: 1, initialDelay: 0 } });
  scripted.call("y", "map", 1);
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.outputs).toEqual([]);
});

test("two containers that fail the same attempt are charged once; a late result of either counts", () => {
  const scripted = running({ retries: { maxRetries: 5, initialDelay: 1_000 } });
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  // It was handed out under this number by the orchestrator before, which did not live to store anything of it.
  scripted.ready("b", 1, [["x", 0, 1]]);
  scripted.end("b", ["x", 0, 1], { error: THROWN });
  expect(scripted.of("attemptFailed")).toEqual([]);
  scripted.pass(1_000);
  expect(scripted.runs).toEqual([expect.stringContaining("x:0#2")]);

  const late = running({ retries: { maxRetries: 5, initialDelay: 1_000 } });
  late.end("a", ["x", 0, 1], { error: THROWN });
  late.ready("b", 1, [["x", 0, 1]]);
  late.end("b", ["x", 0, 1]);
  expect(late.outputs).toMatchObject([{ status: OUTPUT_STATUS.succeeded, containerId: "b" }]);
});

test("a lost attempt is not charged and goes back at once, until it was lost too often", () => {
  const scripted = running({ retries: 0 });
  for (let lost = 1; lost <= LIMITS.lostAttempts; lost++) {
    scripted.step({ type: "attemptsLost", containerId: "a", attempts: [["x", 0, lost]], error: CRASH });
    // The container gets nothing before its worker was replaced.
    expect(scripted.runs).toEqual([]);
    scripted.ready("a");
    expect(scripted.runs).toEqual([`a x:0#${lost + 1}`]);
  }
  scripted.step({ type: "attemptsLost", containerId: "a", attempts: [["x", 0, 9]], error: CRASH });
  const [output] = scripted.outputs;
  expect(output).toMatchObject({ status: OUTPUT_STATUS.failed, attempts: 0, containerId: "a" });
  expect(output && decodeValue(output.payload)).toMatchObject({
    code: "CONTAINER_CRASHED",
    details: { lostAttempts: 9 },
  });
});

test("a late result of an older attempt counts, and the younger attempt is cancelled", () => {
  const scripted = running({ minContainers: 2 });
  scripted.step({ type: "containerGone", containerId: "a", error: CRASH });
  scripted.ready("b");
  expect(scripted.runs).toEqual(["b x:0#2"]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.outputs).toMatchObject([{ containerId: "a", status: OUTPUT_STATUS.succeeded }]);
  expect(scripted.of("cancelAttempts")).toMatchObject([{ containerId: "b", attempts: [["x", 0, 2]] }]);
  // The slot is free only when the younger attempt has ended.
  scripted.call("y", "remote", 1);
  expect(scripted.runs).toEqual([]);
  scripted.end("b", ["x", 0, 2]);
  expect(scripted.runs).toEqual(["b y:0#1"]);
  expect(scripted.outputs).toHaveLength(1);
});

test("a late failure of an older attempt does not disturb the younger one", () => {
  const scripted = running();
  scripted.step({ type: "containerGone", containerId: "a", error: CRASH });
  scripted.ready("b");
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.outputs).toEqual([]);
  scripted.end("b", ["x", 0, 2]);
  expect(scripted.outputs).toMatchObject([{ status: OUTPUT_STATUS.succeeded, containerId: "b" }]);
});

test("a result of an input that is not known yet is stored, and the input is not run when it comes", () => {
  const scripted = new ScriptedFunction({ minContainers: 1 }, { recovering: true });
  scripted.ready("a");
  scripted.end("a", ["x", 1, 1]);
  expect(scripted.outputs).toMatchObject([{ callId: "x", index: 1, status: OUTPUT_STATUS.succeeded }]);
  scripted.open("x", "map", { inputCount: 2 });
  scripted.step({ type: "recovered" });
  scripted.give("x", 0, 2);
  expect(scripted.runs).toEqual(["a x:0#1"]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("callFinished")).toMatchObject([{ counts: { succeeded: 2, failed: 0, cancelled: 0 } }]);
  expect(scripted.outputs).toHaveLength(2);
});

test.each([
  ["before", { inputs: inputs(0, 2), finished: NONE }],
  ["after", { inputs: inputs(0, 1), finished: { ...NONE, succeeded: 1 } }],
])("such an input is counted once when its output was committed %s the load read it", (_, page) => {
  const scripted = new ScriptedFunction({ minContainers: 1 }, { recovering: true });
  scripted.ready("a");
  scripted.open("x", "spawnMap", { inputCount: 2, storedCount: 2 });
  scripted.end("a", ["x", 1, 1]);
  scripted.step({ type: "inputsLoaded", callId: "x", nextIndex: 2, ...page });
  scripted.step({ type: "recovered" });
  expect(scripted.runs).toEqual(["a x:0#1"]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("callFinished")).toMatchObject([{ counts: { succeeded: 2, failed: 0, cancelled: 0 } }]);
});

test("a failure of an input that is not known yet is judged by its earlier failures when it comes", () => {
  const options = { minContainers: 1, retries: { maxRetries: 2, initialDelay: 100 } };
  for (const [failedAttempts, outputs] of [
    [2, 1],
    [1, 0],
  ]) {
    const scripted = new ScriptedFunction(options, { recovering: true });
    scripted.ready("a");
    scripted.end("a", ["x", 0, 3], { error: THROWN });
    expect(scripted.outputs).toEqual([]);
    scripted.open("x", "map", { inputCount: 1 });
    scripted.step({
      type: "inputsArrived",
      callId: "x",
      inputs: [
        {
          index: 0,
          value: new Uint8Array(1),
          failedAttempts: failedAttempts ?? 0,
          lostAttempts: 0,
          lastAttempt: failedAttempts ?? 0,
        },
      ],
    });
    expect(scripted.outputs).toHaveLength(outputs ?? 0);
  }
});

test("without retries such a failure is the output at once", () => {
  const scripted = new ScriptedFunction({ minContainers: 1 }, { recovering: true });
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1], { error: THROWN });
  expect(scripted.outputs).toMatchObject([{ status: OUTPUT_STATUS.failed }]);
});

test("what had begun is stored as lost when its container is, what had not goes back unharmed", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, maxContainers: 1 });
  scripted.ready("a");
  scripted.measured(1);
  scripted.call("x", "spawnMap", 3);
  scripted.step({ type: "containerGone", containerId: "a", error: CRASH });
  expect(scripted.of("attemptFailed")).toMatchObject([{ callId: "x", index: 0, attempt: 1, outcome: "lost" }]);
  scripted.ready("b");
  expect(scripted.runs).toEqual(["b x:0#2", "b x:1#2", "b x:2#2"]);
  scripted.end("b", ["x", 0, 2], { error: THROWN });
  expect(scripted.of("attemptFailed")).toEqual([]);
  expect(scripted.outputs).toMatchObject([{ index: 0, attempts: 1 }]);
});

test("attempts that are stored count on after a restart", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, retries: 2 });
  scripted.ready("a");
  scripted.open("x", "spawn", { inputCount: 1, storedCount: 1 });
  const input = { index: 0, value: new Uint8Array(1), failedAttempts: 2, lostAttempts: 1, lastAttempt: 7 };
  scripted.step({ type: "inputsLoaded", callId: "x", inputs: [input], nextIndex: 1, finished: NONE });
  expect(scripted.runs).toEqual(["a x:0#8"]);
  scripted.end("a", ["x", 0, 8], { error: THROWN });
  expect(scripted.outputs).toMatchObject([{ attempts: 3 }]);
});

test("what a container still runs of a call that was cancelled before a restart is cancelled when it is back", () => {
  const scripted = new ScriptedFunction({}, { recovering: true });
  scripted.step({ type: "containerStarting", containerId: "a", deploymentId: DEPLOYMENT, adopted: true });
  scripted.open("x", "spawn", { inputCount: 1, storedCount: 1 });
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: false });
  scripted.step({ type: "inputsLoaded", callId: "x", nextIndex: 1, finished: NONE, inputs: inputs(0, 1) });
  expect(scripted.outputs).toMatchObject([{ status: OUTPUT_STATUS.cancelled }]);
  scripted.ready("a", 1, [["x", 0, 1]]);
  expect(scripted.of("cancelAttempts")).toEqual([
    { type: "cancelAttempts", containerId: "a", attempts: [["x", 0, 1]] },
  ]);
});
