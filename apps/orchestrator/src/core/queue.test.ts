import { refsOf } from "@bellows/protocol/frame-parts";
import { expect, test } from "vitest";
import { ScriptedFunction, THROWN } from "./testing/scripted-function.ts";

/** Runs everything on one container, one input at a time, and returns the order. */
function drain(scripted: ScriptedFunction, inputs: number): string[] {
  const order: string[] = [];
  scripted.ready("c");
  for (let run = 0; run < inputs; run++) {
    const [ref] = refsOf(scripted.of("run")[0]?.inputs ?? []);
    if (!ref) throw new Error(`nothing was handed over after ${order.join(" ")}`);
    order.push(`${ref[0]}${ref[1]}`);
    scripted.end("c", ref);
  }
  return order;
}

test("sync inputs go before an async backlog", () => {
  const scripted = new ScriptedFunction();
  scripted.call("async", "spawnMap", 2);
  scripted.call("sync", "map", 2);
  expect(drain(scripted, 4)).toEqual(["sync0", "sync1", "async0", "async1"]);
});

test("calls of a class take turns, each in the order of its inputs", () => {
  const scripted = new ScriptedFunction();
  scripted.call("a", "map", 4);
  scripted.call("b", "map", 2);
  scripted.call("c", "remote", 1);
  expect(drain(scripted, 7)).toEqual(["a0", "b0", "c0", "a1", "b1", "a2", "a3"]);
});

test("a call that comes while a big one runs waits for one turn of it, not for all of it", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1 });
  scripted.call("big", "spawnMap", 1_000);
  scripted.ready("c");
  scripted.call("small", "spawn", 1);
  scripted.end("c", ["big", 0, 1]);
  scripted.end("c", ["big", 1, 1]);
  expect(scripted.runs).toEqual(["c small:0#1"]);
});

test("an input given back is the next of its call again", () => {
  const scripted = new ScriptedFunction();
  scripted.call("a", "map", 3);
  scripted.ready("c");
  scripted.step({ type: "attemptsReturned", containerId: "c", attempts: [["a", 0, 1]] });
  expect(scripted.runs).toEqual(["c a:0#2"]);
});

test("an input whose retry is due goes before the rest of its call", () => {
  const scripted = new ScriptedFunction({ maxContainers: 1, retries: { maxRetries: 1, initialDelay: 50 } });
  scripted.call("a", "map", 3);
  scripted.ready("c");
  scripted.end("c", ["a", 0, 1], { error: THROWN });
  expect(scripted.runs).toEqual(["c a:1#1"]);
  scripted.nowMs += 50;
  scripted.end("c", ["a", 1, 1]);
  expect(scripted.runs).toEqual(["c a:0#2"]);
});
