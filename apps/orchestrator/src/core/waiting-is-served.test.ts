/** What holds whatever is measured: nobody who waits is kept waiting by the rules that save containers. */
import { type FunctionOptions, parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { ScriptedFunction } from "./testing/scripted-function.ts";

const HOUR_MS = 3_600_000;

/** Inputs with their times and run times; start times in their order, the last one for all that follow. */
function served(
  options: FunctionOptions,
  { inputs, startsMs }: { inputs: readonly { atMs: number; runMs: number }[]; startsMs: readonly number[] },
) {
  const left = [...startsMs];
  return simulate({
    settings: parseFunctionOptions(options),
    arrivals: { atMs: inputs.map(({ atMs }) => atMs), serviceMs: inputs.map(({ runMs }) => runMs) },
    model: { startMs: () => (left.length > 1 ? left.shift() : left[0]) ?? 0 },
    untilMs: (inputs.at(-1)?.atMs ?? 0) + HOUR_MS,
    environmentCap: 100,
    gpusPerContainer: 0,
    timelinePoints: 0,
  });
}

function many(count: number, everyMs: number, runMs: number, fromMs = 0) {
  return Array.from({ length: count }, (_, index) => ({ atMs: fromMs + index * everyMs, runMs }));
}

test("starts that take longer than idle containers are kept are let come, while somebody waits for them", () => {
  // One input tells how long a start takes; the others come when its container is gone, and theirs take longer still.
  const inputs = [...many(1, 0, 500), ...many(20, 0, 500, 400_000)];
  const { unfinished, waitMs } = served({}, { inputs, startsMs: [70_000, 200_000] });
  expect(unfinished).toBe(0);
  expect(waitMs.p99).toBeLessThan(250_000);
});

test("inputs that take no time at all get containers", () => {
  const inputs = many(600, 100, 0);
  const { unfinished, containerSeconds } = served({ scaledownWindow: "2s" }, { inputs, startsMs: [5_000] });
  expect(unfinished).toBe(0);
  expect(containerSeconds).toBeLessThan(500);
});

test("a demand that has lasted for scaleupWindow is served, although nothing else happens", () => {
  const { unfinished, waitMs } = served({ scaleupWindow: "30s" }, { inputs: many(2, 0, 100), startsMs: [1_000] });
  expect(unfinished).toBe(0);
  expect(waitMs.p95).toBeLessThanOrEqual(32_000);
});

test("nobody waits for the end of one long batch while another container could be there", () => {
  const inputs = [...many(40, 200, 50), { atMs: 9_000, runMs: 600_000 }, ...many(10, 10, 50, 9_500)];
  const options = { batched: { maxBatchSize: 32, waitMs: 0 } };
  const { unfinished, waitMs } = served(options, { inputs, startsMs: [1_000] });
  expect(unfinished).toBe(0);
  expect(waitMs.p99).toBeLessThan(5_000);
});

test("containers that do one input each are started for each input", () => {
  const options = { singleUseContainers: true, minContainers: 1 };
  const inputs = [...many(2, 20_000, 200), ...many(80, 0, 200, 60_000)];
  const { unfinished, waitMs } = served(options, { inputs, startsMs: [8_000] });
  expect(unfinished).toBe(0);
  expect(waitMs.p99).toBeLessThan(10_000);
});

test("while starts fail, containers that are up stay up", () => {
  const fn = new ScriptedFunction({ minContainers: 15 });
  fn.step({ type: "tick" });
  const ids = Array.from({ length: 15 }, (_, index) => `c${index}`);
  for (const id of ids) fn.starting(id);
  for (const id of ids.slice(0, 5)) fn.ready(id);
  for (const containerId of ids.slice(5, 8)) {
    fn.step({ type: "containerStartFailed", containerId, error: { code: "STARTUP", message: "it threw" } });
    expect(fn.of("drain")).toEqual([]);
  }
  expect(fn.core.scaling.last?.cappedBy).toBe("degraded");
  fn.call("r", "remote", 1);
  expect(fn.runs).toHaveLength(1);
});

test("what still runs in containers of older code is no reason for new ones", () => {
  const fn = new ScriptedFunction();
  fn.call("m", "map", 3);
  for (const id of ["a", "b", "c"]) fn.ready(id);
  expect(fn.core.begun.sync).toBe(3);
  fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
  expect(fn.of("startContainers")).toEqual([]);
});

test("what is found after a restart is kept for scaledownWindow, also when times are known by then", () => {
  const fn = new ScriptedFunction({ scaledownWindow: "60s" }, { recovering: true });
  const ids = ["a", "b", "c"];
  for (const containerId of ids) {
    fn.step({ type: "containerStarting", containerId, deploymentId: "deployment-1", adopted: true });
  }
  for (const id of ids) fn.ready(id);
  fn.step({ type: "recovered" });
  Object.assign(fn.core, { runMs: 10, startMs: 200 });
  fn.pass(50_000);
  expect(fn.core.census.ready).toBe(3);
  fn.pass(15_000);
  expect(fn.core.census.ready).toBe(0);
});

test("inputs that take far longer than all before get containers within a few start times", () => {
  for (const startMs of [2_000, 15_000, 60_000]) {
    const inputs = [...many(1_000, 10, 10), ...many(60, 0, 600_000, 100_000)];
    const { unfinished, waitMs } = served({}, { inputs, startsMs: [startMs] });
    expect(unfinished).toBe(0);
    expect(waitMs.p99).toBeLessThan(6 * startMs);
  }
});

test("a start that hangs is given up on although a demand has to last", () => {
  // The first start says 2 s; the second hangs for longer than the simulation lasts.
  const inputs = [...many(1, 0, 200), ...many(8, 0, 200, 400_000)];
  const startsMs = [2_000, 100 * HOUR_MS, 2_000];
  const options: FunctionOptions = { scaleupWindow: "5s", startupTimeout: "24h" };
  const { unfinished, waitMs } = served(options, { inputs, startsMs });
  expect(unfinished).toBe(0);
  expect(waitMs.p99).toBeLessThan(20_000);
});

test("a container that cannot be reached and holds nothing makes room for what waits, even at the limit", () => {
  const fn = new ScriptedFunction({ maxContainers: 1 });
  fn.call("a", "remote", 1);
  fn.ready("c");
  fn.end("c", ["a", 0, 1]);
  fn.step({ type: "containerUnlinked", containerId: "c" });
  fn.pass(60_000);
  expect(fn.core.census.lost).toBe(1);
  fn.call("b", "remote", 1);
  expect(fn.of("startContainers")).toEqual([]);
  fn.pass(1_000);
  expect(fn.of("drain")).toMatchObject([{ containerId: "c", reason: expect.stringContaining("not reached for 5 s") }]);
  expect(fn.of("startContainers")).toMatchObject([{ count: 1 }]);
});

test("new code starts from the times of the code before it", () => {
  const fn = new ScriptedFunction();
  Object.assign(fn.core, { runMs: 60_000, startMs: 15_000 });
  fn.step({ type: "deployed", deploymentId: "deployment-2", settings: fn.core.settings });
  fn.call("m", "map", 80);
  expect(fn.of("startContainers")).toMatchObject([{ count: 80 }]);
  expect(fn.core.runMs).toBeNull();
});
