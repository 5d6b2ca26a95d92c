import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { callStatusOf, containersOf, statsOf } from "./stats.ts";
import { DEPLOYMENT, ScriptedFunction } from "./testing/scripted-function.ts";

const CRASH = { code: "CONTAINER_CRASHED" as const, message: "killed" };

test("as many containers are asked for as are wanted, and no more while they start", () => {
  const scripted = new ScriptedFunction({ maxContainers: 3 });
  scripted.call("x", "map", 5);
  expect(scripted.of("startContainers")).toEqual([{ type: "startContainers", count: 3, deploymentId: DEPLOYMENT }]);
  scripted.starting("a");
  scripted.call("y", "map", 5);
  expect(scripted.of("startContainers")).toEqual([]);
  expect(statsOf(scripted.core).containers).toEqual({ starting: 3, ready: 0, draining: 0 });
});

test("what a container holds after a restart is not sent a second time, whether its input comes before or after", () => {
  for (const inputFirst of [true, false]) {
    const scripted = new ScriptedFunction({ minContainers: 2 }, { recovering: true });
    if (inputFirst) scripted.call("x", "map", 2);
    scripted.ready("a", 1, [["x", 0, 3]]);
    scripted.ready("b");
    if (!inputFirst) scripted.call("x", "map", 2);
    expect(scripted.runs).toEqual([]);
    scripted.step({ type: "recovered" });
    expect(scripted.runs).toEqual(["b x:1#1"]);
    expect(callStatusOf(scripted.core, "x")?.running).toMatchObject([
      { index: 0, attempt: 3, containerId: "a" },
      { index: 1, attempt: 1, containerId: "b" },
    ]);
    scripted.step({ type: "attemptsReturned", containerId: "a", attempts: [["x", 0, 3]] });
    expect(scripted.runs).toEqual(["a x:0#4"]);
  }
});

test("a container that is cut off keeps what it holds and gets nothing", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, concurrent: { maxInputs: 2 } });
  scripted.call("x", "remote", 1);
  scripted.ready("a", 2);
  scripted.step({ type: "containerUnlinked", containerId: "a" });
  scripted.call("y", "remote", 1);
  expect(scripted.runs).toEqual([]);
  expect(containersOf(scripted.core)).toEqual([{ id: "a", state: "lost", running: 1 }]);
  scripted.ready("a", 2, [["x", 0, 1]]);
  expect(scripted.runs).toEqual(["a y:0#1"]);
});

test("what was lost on its way to a container is sent again, unless its output follows", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, concurrent: { maxInputs: 2 } });
  scripted.call("x", "map", 2);
  scripted.ready("a", 2);
  scripted.step({ type: "containerUnlinked", containerId: "a" });
  scripted.ready("a", 2, []);
  expect(scripted.runs).toEqual([]);
  scripted.end("a", ["x", 0, 1]);
  scripted.pass(499);
  expect(scripted.runs).toEqual([]);
  scripted.pass(1);
  expect(scripted.runs).toEqual(["a x:1#2"]);
  expect(scripted.outputs).toHaveLength(1);
});

test("the inputs of a container that is gone are run elsewhere", () => {
  const scripted = new ScriptedFunction({ minContainers: 2 });
  scripted.call("x", "remote", 1);
  scripted.ready("a");
  scripted.step({ type: "containerGone", containerId: "a", error: CRASH });
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
  scripted.ready("b");
  expect(scripted.runs).toEqual(["b x:0#2"]);
});

test("a container speaks after its end: it is not taken for a new one", () => {
  const scripted = new ScriptedFunction();
  scripted.ready("a");
  scripted.step({ type: "containerGone", containerId: "a", error: null });
  scripted.step({ type: "containerReady", containerId: "a", slots: 1, startMs: 1, held: [] });
  expect(containersOf(scripted.core)).toEqual([]);
});

test("a start that takes longer than startupTimeout is ended and counted as failed, once", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, startupTimeout: "5s" });
  scripted.step({ type: "tick" });
  scripted.starting("a");
  scripted.pass(4_999);
  expect(scripted.of("kill")).toEqual([]);
  scripted.pass(1);
  expect(scripted.of("kill")).toMatchObject([{ containerId: "a" }]);
  scripted.step({ type: "containerGone", containerId: "a", error: null });
  expect(scripted.core.startFailures.inARow).toBe(1);
});

test("of idle containers the longest idle go first, and a busy one never goes", () => {
  const scripted = new ScriptedFunction({ scaledownWindow: "2s" });
  scripted.call("x", "map", 3);
  for (const id of ["a", "b", "c"]) scripted.ready(id);
  scripted.end("b", ["x", 1, 1]);
  scripted.end("c", ["x", 2, 1]);
  scripted.call("y", "remote", 1);
  scripted.pass(10_000);
  // "a" and the one that runs y are busy; the other one has idled longer.
  expect(scripted.of("drain").map(({ containerId }) => containerId)).toEqual(["b"]);
});

test("the last container goes when the window is over", () => {
  const scripted = new ScriptedFunction({ scaledownWindow: "10s" });
  scripted.call("x", "remote", 1);
  scripted.ready("a");
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("wake").map(({ atMs }) => atMs - scripted.nowMs)).toContain(10_000);
  expect(scripted.pass(9_999).filter(({ type }) => type === "drain")).toEqual([]);
  expect(scripted.pass(1).filter(({ type }) => type === "drain")).toHaveLength(1);
});

test("a new deployment replaces containers: idle ones at once, busy ones after they finish, starting ones not at all", () => {
  const scripted = new ScriptedFunction({ minContainers: 3, concurrent: { maxInputs: 2 } });
  scripted.call("x", "remote", 1);
  scripted.ready("busy", 2);
  scripted.ready("idle", 2);
  scripted.starting("starting");
  scripted.step({ type: "deployed", deploymentId: "next", settings: parseFunctionOptions({ minContainers: 3 }) });
  expect(scripted.of("drain").map(({ containerId }) => containerId)).toEqual(["idle"]);
  expect(scripted.of("kill").map(({ containerId }) => containerId)).toEqual(["starting"]);
  expect(scripted.of("startContainers")).toEqual([{ type: "startContainers", count: 3, deploymentId: "next" }]);
  scripted.call("y", "remote", 1);
  expect(scripted.runs).toEqual([]);
  scripted.end("busy", ["x", 0, 1]);
  expect(scripted.of("drain").map(({ containerId }) => containerId)).toEqual(["busy"]);
});

test("a container whose end is asked for gives back what it has not begun, ends, and is replaced", () => {
  const scripted = new ScriptedFunction({ minContainers: 1, maxContainers: 1 });
  scripted.ready("a");
  scripted.measured(1);
  scripted.call("x", "map", 3);
  scripted.step({ type: "containerStopAsked", containerId: "a", reason: "asked for" });
  expect(scripted.of("recall")).toMatchObject([
    {
      attempts: [
        ["x", 1, 1],
        ["x", 2, 1],
      ],
    },
  ]);
  expect(scripted.of("drain")).toEqual([]);
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
  scripted.step({
    type: "attemptsReturned",
    containerId: "a",
    attempts: [
      ["x", 1, 1],
      ["x", 2, 1],
    ],
  });
  expect(scripted.runs).toEqual([]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.of("drain")).toEqual([{ type: "drain", containerId: "a", reason: "asked for" }]);
});

test("an unwanted container that is late after a restart is not killed: it ends when it has told what it holds", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 }, { recovering: true });
  scripted.step({ type: "containerStarting", containerId: "late", deploymentId: "older", adopted: true });
  scripted.step({ type: "recovered" });
  scripted.pass(5_000);
  expect(scripted.of("kill")).toEqual([]);
  scripted.open("x", "spawn", { inputCount: 1 });
  scripted.ready("late", 1, [["x", 0, 1]]);
  expect(scripted.of("drain")).toEqual([]);
  scripted.end("late", ["x", 0, 1]);
  expect(scripted.outputs).toMatchObject([{ callId: "x", containerId: "late" }]);
  expect(scripted.of("drain")).toMatchObject([{ containerId: "late" }]);
});

test("a single-use container that had its input before a restart gets no other one", () => {
  for (const endedBeforeReady of [false, true]) {
    const scripted = new ScriptedFunction({ singleUseContainers: true, maxContainers: 1 }, { recovering: true });
    scripted.step({ type: "containerStarting", containerId: "a", deploymentId: DEPLOYMENT, adopted: true });
    scripted.call("x", "map", 2);
    if (endedBeforeReady) scripted.end("a", ["x", 0, 1]);
    scripted.ready("a", 1, endedBeforeReady ? [] : [["x", 0, 1]]);
    const drains = [...scripted.of("drain")];
    scripted.step({ type: "recovered" });
    expect(scripted.runs).toEqual([]);
    if (!endedBeforeReady) {
      scripted.end("a", ["x", 0, 1]);
      drains.push(...scripted.of("drain"));
    }
    expect(drains).toMatchObject([{ containerId: "a" }]);
  }
});

test("a single-use container that comes back too late after a restart gets no input: it may have had its own", () => {
  const scripted = new ScriptedFunction({ singleUseContainers: true, maxContainers: 1 }, { recovering: true });
  scripted.step({ type: "containerStarting", containerId: "a", deploymentId: DEPLOYMENT, adopted: true });
  scripted.call("x", "remote", 1);
  scripted.step({ type: "recovered" });
  scripted.ready("a");
  expect(scripted.runs).toEqual([]);
  expect(scripted.of("drain")).toMatchObject([{ containerId: "a" }]);
  expect(scripted.of("startContainers")).toMatchObject([{ count: 1 }]);
});
