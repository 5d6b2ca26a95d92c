import { expect, test } from "vitest";
import { ScriptedFunction } from "./testing/scripted-function.ts";

const CRASH = { code: "CONTAINER_CRASHED" as const, message: "killed" };

/** Two inputs that were lost together twice, and their container, which is ready again. */
function lostTwice(options: { maxContainers: number }): ScriptedFunction {
  const scripted = new ScriptedFunction({ ...options, minContainers: 1, concurrent: { maxInputs: 4 } });
  scripted.ready("a", 4);
  scripted.call("x", "map", 2);
  for (const attempt of [1, 2]) {
    scripted.step({
      type: "attemptsLost",
      containerId: "a",
      attempts: [
        ["x", 0, attempt],
        ["x", 1, attempt],
      ],
      error: CRASH,
    });
    scripted.ready("a", 4);
  }
  return scripted;
}

test("an input that was lost twice runs with nothing beside it, and the next one after it", () => {
  const scripted = lostTwice({ maxContainers: 1 });
  expect(scripted.runs).toEqual(["a x:0#3"]);
  scripted.measured(0.1);
  scripted.call("y", "map", 2);
  expect(scripted.runs).toEqual([]);
  scripted.end("a", ["x", 0, 3]);
  expect(scripted.runs).toEqual(["a x:1#3"]);
  scripted.end("a", ["x", 1, 3]);
  expect(scripted.runs).toEqual(["a y:0#1", "a y:1#1"]);
});

test("suspects and what waits behind them get containers of their own", () => {
  const scripted = lostTwice({ maxContainers: 5 });
  scripted.call("y", "map", 2);
  expect(scripted.core.scaling.last?.wanted).toBe(3);
  scripted.ready("b", 4);
  expect(scripted.runs).toEqual(["b x:1#3"]);
  scripted.ready("c", 4);
  expect(scripted.runs).toEqual(["c y:0#1", "c y:1#1"]);
});

test("a suspect waits until a busy container is empty, which gets nothing more meanwhile", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, concurrent: { maxInputs: 2 } });
  scripted.call("x", "remote", 1);
  scripted.ready("a", 2);
  scripted.open("y", "map", { inputCount: 1 });
  const lost = { index: 0, value: new Uint8Array(1), failedAttempts: 0, lostAttempts: 2, lastAttempt: 2 };
  scripted.step({ type: "inputsArrived", callId: "y", inputs: [lost] });
  scripted.call("z", "remote", 1);
  expect(scripted.runs).toEqual([]);
  scripted.end("a", ["x", 0, 1]);
  expect(scripted.runs).toEqual(["a y:0#3"]);
  scripted.end("a", ["y", 0, 3]);
  expect(scripted.runs).toEqual(["a z:0#1"]);
});

test("a container that was kept for a suspect serves everybody again when the suspect is cancelled", () => {
  const scripted = lostTwice({ maxContainers: 1 });
  scripted.call("y", "remote", 1);
  scripted.step({ type: "callCancelled", callId: "x", terminateContainers: false });
  expect(scripted.runs).toEqual([]);
  scripted.end("a", ["x", 0, 3], { status: 2 });
  expect(scripted.runs).toEqual(["a y:0#1"]);
});
