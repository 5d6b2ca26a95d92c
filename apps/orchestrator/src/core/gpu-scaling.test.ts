import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { statsOf } from "./stats.ts";
import { DEPLOYMENT, ScriptedFunction } from "./testing/scripted-function.ts";

const WHY = "wants H100; 7 of 8 are in use";

function withGpus(more: number, options = {}): ScriptedFunction {
  const fn = new ScriptedFunction({ gpu: "H100", ...options });
  fn.step({ type: "gpusChanged", gpus: { more, why: WHY, giving: null } });
  return fn;
}

test("no more containers are wanted than there are GPUs for, and the reason says so", () => {
  const fn = withGpus(1);
  fn.call("a", "map", 3);
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
  expect(fn.of("awaitGpus")).toEqual([{ type: "awaitGpus", count: 2 }]);
  expect(fn.of("decided")[0]?.decision).toMatchObject({
    desired: 1,
    cappedBy: "gpus",
    reason: `wanted 3: 3 in flight / target 1; waiting for a GPU: ${WHY}`,
  });
});

test("a GPU that comes free is used at once, also with a scaleupWindow, and those that are not needed any more are not waited for", () => {
  const fn = withGpus(0, { scaleupWindow: "10s" });
  fn.call("a", "map", 2);
  fn.pass(10_000);
  expect(statsOf(fn.core)).toMatchObject({ desiredContainers: 0, reason: expect.stringContaining(WHY) });
  fn.step({ type: "gpusChanged", gpus: { more: 1, why: WHY, giving: null } });
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 1 }]);
  fn.step({ type: "callCancelled", callId: "a", terminateContainers: false });
  expect(fn.of("awaitGpus").at(-1)).toMatchObject({ count: 0 });
});

test("a start that somebody else's container came before is asked for again", () => {
  const fn = withGpus(1);
  fn.call("a", "map", 1);
  fn.step(
    { type: "startsRefused", count: 1, deploymentId: DEPLOYMENT },
    { type: "gpusChanged", gpus: { more: 0, why: WHY, giving: null } },
  );
  expect(fn.of("startContainers")).toEqual([]);
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 1 }]);
  fn.step({ type: "gpusChanged", gpus: { more: 1, why: WHY, giving: null } });
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
});

test("how many are short is said again with each start, which has taken a place in the line", () => {
  const fn = withGpus(1, { maxContainers: 3, singleUseContainers: true });
  fn.call("a", "map", 9);
  fn.step({ type: "gpusChanged", gpus: { more: 0, why: WHY, giving: null } });
  fn.ready("one");
  fn.step(
    { type: "gpusChanged", gpus: { more: 1, why: WHY, giving: null } },
    fn.ended("one", ["a", 0, 1], { runMs: 60_000 }),
    { type: "containerGone", containerId: "one", error: null },
  );
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
  expect(fn.of("awaitGpus")).toEqual([{ type: "awaitGpus", count: 2 }]);
});

test("while starts keep failing the function does not hold up the line", () => {
  const fn = withGpus(0);
  fn.call("a", "spawnMap", 1);
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 1 }]);
  const error = { code: "STARTUP", message: "no" } as const;
  fn.step({ type: "containerStartFailed", containerId: "x", error });
  fn.step({ type: "containerStartFailed", containerId: "y", error });
  fn.core.startFailures.everStarted = true;
  fn.step({ type: "containerStartFailed", containerId: "z", error });
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 0 }]);
});

test("what is waited for is said anew after a deploy, which may want other GPUs", () => {
  const fn = withGpus(0);
  fn.call("a", "map", 1);
  fn.step({ type: "deployed", deploymentId: DEPLOYMENT, settings: parseFunctionOptions({ gpu: "A10G" }) });
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 1 }]);
  fn.step(
    { type: "deployed", deploymentId: DEPLOYMENT, settings: parseFunctionOptions() },
    { type: "gpusChanged", gpus: null },
  );
  expect(fn.of("awaitGpus")).toMatchObject([{ count: 0 }]);
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
});

test("containers whose GPUs are waited for end: idle ones first, none before it has run for a while, and not the minimum", () => {
  const fn = withGpus(3, { minContainers: 1 });
  fn.call("a", "map", 3);
  for (const id of ["x", "y", "z"]) fn.ready(id);
  // So long a run that its container is kept while it is idle here.
  fn.end("z", ["a", 2, 1], { runMs: 60_000 });
  const giving = { count: 3, among: new Set(["x", "y", "z"]) };
  const give = { type: "gpusChanged", gpus: { more: 0, why: WHY, giving } } as const;
  fn.step(give);
  expect(fn.of("drain")).toEqual([]);
  fn.pass(29_000);
  expect(fn.of("drain")).toEqual([]);
  fn.pass(1_000);
  expect(fn.of("drain")).toMatchObject([{ containerId: "z", reason: "another function has waited for its GPU" }]);
  // A busy one finishes what runs, gets nothing more, and is not replaced before it is its function's turn.
  const state = (id: string) => fn.core.containers.get(id)?.state;
  expect([state("x"), state("y")].sort()).toEqual(["draining", "ready"]);
  fn.step({ type: "containerGone", containerId: "z", error: null });
  expect(fn.of("startContainers")).toEqual([]);
});

test("a container that was found again after a restart is asked to end as long after that as another one after its start", () => {
  const fn = new ScriptedFunction({ gpu: "H100" }, { recovering: true });
  fn.step({ type: "containerStarting", containerId: "x", deploymentId: DEPLOYMENT, adopted: true });
  fn.open("a", "map", { inputCount: 1 });
  fn.give("a", 0, 1);
  fn.step({ type: "recovered" });
  fn.pass(20_000);
  fn.ready("x", 1, [["a", 0, 1]]);
  fn.step({ type: "gpusChanged", gpus: { more: 0, why: WHY, giving: { count: 1, among: new Set(["x"]) } } });
  fn.pass(29_000);
  expect(fn.core.containers.get("x")?.state).toBe("ready");
  fn.pass(1_000);
  expect(fn.core.containers.get("x")?.state).toBe("draining");
});

test("a function that holds every GPU and waits for itself is told of", () => {
  const fn = withGpus(1);
  fn.call("a", "remote", 1);
  fn.ready("one");
  fn.step({ type: "gpusChanged", gpus: { more: 0, why: WHY, giving: null } });
  fn.open("b", "remote", { inputCount: 1, parent: { callId: "a", index: 0 } });
  fn.give("b", 0, 1);
  expect(statsOf(fn.core).deadlock).toContain(
    "there is no GPU for another container; raise concurrent.maxInputs above 1",
  );
});
