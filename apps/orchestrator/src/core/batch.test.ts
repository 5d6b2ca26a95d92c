import { expect, test } from "vitest";
import { ScriptedFunction } from "./testing/scripted-function.ts";

const BATCHED = { minContainers: 2, batched: { maxBatchSize: 4, waitMs: 100 } };

function withContainer(options: object = {}, slots = 1): ScriptedFunction {
  const fn = new ScriptedFunction({ ...BATCHED, ...options });
  fn.ready("a", slots);
  return fn;
}

/** The pace of arrivals is known to be fast. */
function atAPace(fn: ScriptedFunction): void {
  fn.core.arrivals.lastMs = fn.nowMs - 10;
  fn.core.arrivals.everyMs = 10;
}

function sizes(fn: ScriptedFunction): number[] {
  return fn.of("run").map(({ inputs }) => inputs.reduce((sum, [, items]) => sum + items.length, 0));
}

test("a batch that is full goes out at once, in the order of its inputs", () => {
  const fn = withContainer();
  fn.open("m", "map");
  fn.give("m", 0, 4);
  expect(fn.runs).toEqual(["a m:0#1", "a m:1#1", "a m:2#1", "a m:3#1"]);
  expect(sizes(fn)).toEqual([4]);
});

test("no batch is larger than it may be, and none is sent without a free slot", () => {
  const fn = withContainer();
  fn.call("m", "map", 10);
  expect(sizes(fn)).toEqual([4]);
  expect(fn.core.containers.get("a")?.batches.size).toBe(1);
  for (const index of [0, 1, 2]) fn.end("a", ["m", index, 1]);
  expect(fn.of("run")).toEqual([]);
  fn.end("a", ["m", 3, 1]);
  expect(fn.runs).toEqual(["a m:4#1", "a m:5#1", "a m:6#1", "a m:7#1"]);
});

test("a lone input of a function that is called now and then does not wait", () => {
  const fn = withContainer();
  fn.call("r", "remote", 1);
  expect(fn.runs).toEqual(["a r:0#1"]);
});

test("the last inputs of a map do not wait for others when nothing else is to come", () => {
  const fn = withContainer();
  fn.call("m", "map", 3);
  expect(sizes(fn)).toEqual([3]);
});

test("inputs of a map whose source is still being read wait for more of it, until the first has waited long enough", () => {
  const fn = withContainer();
  fn.open("m", "map");
  fn.give("m", 0, 2);
  expect(fn.runs).toEqual([]);
  expect(fn.of("wake")).toEqual([{ type: "wake", atMs: fn.nowMs + 100 }]);
  fn.nowMs += 99;
  expect(fn.step({ type: "tick" }).filter(({ type }) => type === "run")).toEqual([]);
  fn.nowMs += 1;
  fn.step({ type: "tick" });
  expect(fn.runs).toEqual(["a m:0#1", "a m:1#1"]);
});

test("a batch goes out when the source of its map ends", () => {
  const fn = withContainer();
  fn.open("m", "map");
  fn.give("m", 0, 2);
  fn.step({ type: "callClosed", callId: "m", inputCount: 2 });
  expect(sizes(fn)).toEqual([2]);
});

test("a batch that is full of bytes does not wait for more inputs", () => {
  const fn = withContainer();
  atAPace(fn);
  fn.open("m", "map");
  const value = new Uint8Array(9 * 1024 * 1024);
  const inputs = [{ index: 0, value, failedAttempts: 0, lostAttempts: 0, lastAttempt: 0 }];
  fn.step({ type: "inputsArrived", callId: "m", inputs });
  expect(sizes(fn)).toEqual([1]);
});

test("while inputs come at a pace, the first waits for others, and no longer than it may", () => {
  const fn = withContainer();
  atAPace(fn);
  const beganMs = fn.nowMs;
  fn.call("r1", "remote", 1);
  expect(fn.runs).toEqual([]);
  fn.nowMs += 10;
  fn.call("r2", "remote", 1);
  expect(fn.runs).toEqual([]);
  for (const callId of ["r3", "r4"]) {
    fn.nowMs += 10;
    fn.call(callId, "remote", 1);
  }
  expect(sizes(fn)).toEqual([4]);
  expect(fn.nowMs - beganMs).toBe(30);
});

test("a batch stops waiting when the arrivals have stopped", () => {
  const fn = withContainer();
  atAPace(fn);
  fn.call("r1", "remote", 1);
  expect(fn.of("wake")).toEqual([{ type: "wake", atMs: fn.nowMs + 30 }]);
  fn.nowMs += 30;
  fn.step({ type: "tick" });
  expect(fn.runs).toEqual(["a r1:0#1"]);
});

test("callers that come one after the other, each when the one before has its answer, do not wait", () => {
  const fn = withContainer();
  for (let round = 0; round < 5; round++) {
    fn.call(`r${round}`, "remote", 1);
    expect(fn.runs).toEqual([`a r${round}:0#1`]);
    fn.nowMs += 5;
    fn.end("a", [`r${round}`, 0, 1]);
    fn.nowMs += 1;
  }
});

test("a pace that has let one wait in vain lets nobody wait again", () => {
  const fn = withContainer();
  atAPace(fn);
  fn.call("r1", "remote", 1);
  fn.nowMs += 30;
  fn.step({ type: "tick" });
  expect(fn.runs).toEqual(["a r1:0#1"]);
  fn.end("a", ["r1", 0, 1]);
  fn.call("r2", "remote", 1);
  expect(fn.runs).toEqual(["a r2:0#1"]);
});

test("callers that all come again after each batch are gathered into one", () => {
  const fn = withContainer({ batched: { maxBatchSize: 8, waitMs: 100 } });
  const sizesSeen: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (let caller = 0; caller < 5; caller++) {
      fn.nowMs += 1;
      fn.call(`r${round}-${caller}`, "remote", 1);
      if (fn.runs.length > 0) sizesSeen.push(fn.runs.length);
    }
    while (fn.core.queued.sync > 0 || fn.core.begun.sync > 0) {
      const running = [...fn.core.calls.values()].filter(({ inputs }) => inputs.get(0)?.hold);
      fn.nowMs += 20;
      fn.step(...running.map(({ callId }) => fn.ended("a", [callId, 0, 1])));
      if (fn.runs.length > 0) sizesSeen.push(fn.runs.length);
      fn.nowMs += 5;
      fn.step({ type: "tick" });
      if (fn.runs.length > 0) sizesSeen.push(fn.runs.length);
    }
  }
  expect(sizesSeen.slice(-3)).toEqual([5, 5, 5]);
});

test("an input that comes now and then does not wait, however long it might", () => {
  const fn = withContainer();
  for (const callId of ["r1", "r2", "r3", "r4"]) {
    fn.nowMs += 500;
    fn.call(callId, "remote", 1);
    expect(fn.runs).toEqual([`a ${callId}:0#1`]);
    fn.end("a", [callId, 0, 1]);
  }
});

test("what waited for a slot goes out with it, as full as it is", () => {
  const fn = withContainer();
  atAPace(fn);
  fn.call("m", "map", 4);
  for (const callId of ["r1", "r2"]) {
    fn.nowMs += 60;
    fn.call(callId, "remote", 1);
    expect(fn.runs).toEqual([]);
  }
  fn.step(...[0, 1, 2, 3].map((index) => fn.ended("a", ["m", index, 1])));
  // One has waited 60 ms, and the next arrival would come too late for it.
  expect(fn.runs.length + fn.core.queued.sync).toBe(2);
  fn.nowMs += 40;
  fn.step({ type: "tick" });
  expect(fn.core.queued.sync).toBe(0);
});

test("concurrent counts batches: each takes a slot, up to the target first", () => {
  const fn = new ScriptedFunction({ ...BATCHED, concurrent: { maxInputs: 2, targetInputs: 1 } });
  fn.ready("a", 2);
  fn.ready("b", 2);
  fn.call("m1", "map", 8);
  expect(fn.of("run").map(({ containerId }) => containerId)).toEqual(["b", "a"]);
  fn.call("m2", "map", 12);
  expect(fn.of("run").map(({ containerId }) => containerId)).toEqual(["a", "b"]);
  expect(sizes(fn)).toEqual([4, 4]);
});

test("waiting for one more is not worth it when it delays more than it saves", () => {
  const fn = withContainer({ batched: { maxBatchSize: 100, waitMs: 1_000 } });
  fn.core.runMs = 50;
  atAPace(fn);
  for (let index = 0; index < 4; index++) {
    fn.call(`r${index}`, "remote", 1);
    // 10 ms for each of those that wait, against the 50 ms that the next one would wait for this batch.
    expect(fn.runs.length).toBe(index < 3 ? 0 : 4);
    fn.nowMs += 10;
  }
});

test("small batches that are soon over ask for no more containers; long ones do", () => {
  const fn = new ScriptedFunction({ batched: { maxBatchSize: 32, waitMs: 0 } });
  const wanted = (runMs: number, startMs: number): number => {
    Object.assign(fn.core, { runMs, startMs });
    fn.step({ type: "tick" });
    return fn.core.scaling.last?.wanted ?? 0;
  };
  fn.call("m", "map", 6);
  fn.ready("a");
  fn.call("n", "map", 6);
  expect(fn.core.containers.get("a")?.batches.size).toBe(1);
  expect(wanted(40, 1_000)).toBe(1);
  expect(wanted(60_000, 1_000)).toBe(2);
});

test("containers are wanted for batches, not for inputs", () => {
  const fn = new ScriptedFunction({ ...BATCHED, minContainers: 0 });
  fn.open("m", "map", { inputCount: 9 });
  fn.give("m", 0, 9);
  expect(fn.of("startContainers")).toMatchObject([{ count: 3 }]);
  expect(fn.of("decided")).toMatchObject([{ decision: { reason: "wanted 3: 3 batches in flight / target 1" } }]);
});

test("a failed batch is tried again input by input, each by its own count", () => {
  const fn = withContainer({ retries: { maxRetries: 1, initialDelay: 0, backoffCoefficient: 1 } });
  fn.call("m", "map", 2);
  const error = { code: "REMOTE", name: "Error", message: "no" } as const;
  fn.step(...[0, 1].map((index) => fn.ended("a", ["m", index, 1], { error })));
  expect(fn.runs).toEqual(["a m:0#2", "a m:1#2"]);
  fn.step(fn.ended("a", ["m", 0, 2], { error }), fn.ended("a", ["m", 1, 2]));
  expect(fn.outputs.map(({ index, status }) => [index, status])).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test("what a container holds after a restart takes all of its slots until it has ended", () => {
  const fn = new ScriptedFunction({ ...BATCHED, concurrent: { maxInputs: 2 } }, { recovering: true });
  fn.step({ type: "containerStarting", containerId: "a", deploymentId: "deployment-1", adopted: true });
  fn.call("m", "spawnMap", 8);
  fn.ready("a", 2, [
    ["m", 0, 1],
    ["m", 1, 1],
  ]);
  fn.step({ type: "recovered" });
  expect(fn.runs).toEqual([]);
  fn.end("a", ["m", 0, 1]);
  expect(fn.runs).toEqual([]);
  fn.end("a", ["m", 1, 1]);
  expect(sizes(fn)).toEqual([4, 2]);
});

test("a batch holds no more bytes than a message does", () => {
  const fn = withContainer({ batched: { maxBatchSize: 100, waitMs: 0 } });
  fn.open("m", "map");
  const value = new Uint8Array(3 * 1024 * 1024);
  const inputs = [0, 1, 2].map((index) => ({ index, value, failedAttempts: 0, lostAttempts: 0, lastAttempt: 0 }));
  fn.step({ type: "inputsArrived", callId: "m", inputs });
  expect(sizes(fn)).toEqual([2]);
});
