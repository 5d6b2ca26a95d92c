import { expect, test } from "vitest";
import { ScriptedFunction } from "./testing/scripted-function.ts";

function recalled(scripted: ScriptedFunction): string[] {
  return scripted.of("recall").flatMap(({ attempts }) => attempts.map(([callId, index]) => `${callId}:${index}`));
}

test("inputs stuck behind a slow one are taken back and run elsewhere", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("slow");
  scripted.measured(2);
  scripted.call("x", "map", 4);
  scripted.nowMs += 10;
  scripted.step({ type: "tick" });
  expect(recalled(scripted)).toEqual([]);
  scripted.nowMs += 20;
  scripted.step({ type: "tick" });
  expect(recalled(scripted)).toEqual(["x:1", "x:2", "x:3"]);
  scripted.step({
    type: "attemptsReturned",
    containerId: "slow",
    attempts: [
      ["x", 1, 1],
      ["x", 2, 1],
      ["x", 3, 1],
    ],
  });
  // It is not fed again while it is stuck.
  expect(scripted.runs).toEqual([]);
  scripted.ready("free");
  expect(scripted.runs).toEqual(["free x:1#2", "free x:2#2", "free x:3#2"]);
});

test("the wake for the look at a stalled container is asked for", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, minContainers: 1 });
  scripted.ready("a");
  scripted.measured(2);
  scripted.call("x", "map", 3);
  expect(scripted.of("wake").at(-1)?.atMs).toBeLessThanOrEqual(scripted.nowMs + 25);
});

test("a container that comes free takes over half of what waits in another one", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("busy");
  scripted.measured(1);
  scripted.call("x", "map", 11);
  scripted.ready("free");
  expect(recalled(scripted)).toEqual(["x:6", "x:7", "x:8", "x:9", "x:10"]);
  // An input that began meanwhile is not given back, and simply ends.
  scripted.step({
    type: "attemptsReturned",
    containerId: "busy",
    attempts: [
      ["x", 7, 1],
      ["x", 8, 1],
    ],
  });
  expect(scripted.runs).toEqual(["free x:7#2", "free x:8#2"]);
});

test("what would be done before it could be moved stays where it is", () => {
  const scripted = new ScriptedFunction({ maxContainers: 2, minContainers: 2 });
  scripted.ready("busy");
  scripted.measured(0.5);
  scripted.call("x", "map", 8);
  scripted.ready("free");
  expect(recalled(scripted)).toEqual([]);
});
