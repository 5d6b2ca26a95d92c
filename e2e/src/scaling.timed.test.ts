/** Functions scaled by hand on a real stack: from a program, from the command line, from code inside; until the next deploy. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerView, DecisionView, EffectiveSettings } from "@bellows/protocol/views";
import { createApiClient } from "@bellows/sdk/api-client";
import { expect, it } from "vitest";
import type * as scaling from "../fixtures/scaling.ts";
import { deployed } from "./deployed.ts";
import { until } from "./stack.ts";

const fixture = deployed("scaling");

function hold() {
  return fixture.bellows.functions.fromName<typeof scaling.hold>("scaling", "hold");
}

async function ready(name: string): Promise<ContainerView[]> {
  const { request } = createApiClient(fixture.stack);
  const { items } = await request((api) => api.containers.list.query({}));
  return items.filter(({ functionName, state }) => functionName === name && state === "ready");
}

async function scaled(...words: string[]): Promise<EffectiveSettings> {
  const { code, stdout, stderr } = await fixture.stack.bellows([
    "function",
    "scale",
    "scaling/hold",
    ...words,
    "--json",
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  return (JSON.parse(stdout) as { settings: EffectiveSettings }).settings;
}

it("a program raises minContainers, and the containers are there; null takes it back, and they go", async () => {
  const settings = await hold().updateAutoscaler({ minContainers: 2 });
  expect(settings).toMatchObject({
    minContainers: { value: 2, layer: "override", setBy: expect.any(String), atMs: expect.any(Number) },
    maxContainers: { value: 3, layer: "code", setBy: "deployment 1" },
    bufferContainers: { value: 0, layer: "default", setBy: null, atMs: null },
  });
  const answeredAtMs = Date.now();
  await until(async () => (await ready("hold")).length === 2);
  // It was decided within a second; what came after that is the start of the containers.
  const [decision] = (await decisions()).filter(({ desired }) => desired === 2);
  expect(decision?.atMs).toBeLessThan(answeredAtMs + 1_000);
  expect((await hold().updateAutoscaler({ minContainers: null })).minContainers).toMatchObject({ layer: "default" });
  await until(async () => (await ready("hold")).length === 0);
});

it("the command line does so too, shows where each setting comes from, and refuses what cannot be", async () => {
  const settings = await scaled("--min", "1", "--buffer", "1", "--scaledown-window", "3s");
  expect(settings).toMatchObject({ minContainers: { value: 1 }, scaledownWindowMs: { value: 3_000 } });
  await until(async () => (await ready("hold")).length === 1);
  const { stdout } = await fixture.stack.bellows(["function", "scale", "scaling/hold"]);
  expect(stdout).toMatch(/^minContainers +1 +override +\S.* s ago$/m);
  expect(stdout).toMatch(/^maxContainers +3 +code +deployment 1 +\S/m);
  expect(stdout).toMatch(/^scaleupWindow +0s +default$/m);
  const reset = await scaled("--reset", "min,scaledown-window");
  expect(reset).toMatchObject({
    minContainers: { layer: "default" },
    bufferContainers: { value: 1 },
    scaledownWindowMs: { value: 2_000, layer: "code" },
  });
  expect((await scaled("--reset", "all")).bufferContainers).toMatchObject({ value: 0, layer: "default" });
  for (const [words, code, message] of [
    [["scaling/hold", "--min", "4"], 1, "minContainers: 4 is above maxContainers 3"],
    [["scaling/hold", "--min", "many"], 2, "Write a number."],
    [["scaling/hold", "--scaledown-window", "300"], 2, 'did you mean "300s"?'],
    [["scaling/hold", "--reset", "most"], 2, "--reset most: there is no such setting"],
    [["hold", "--min", "1"], 2, '"hold" names no function; write APP/FUNCTION'],
    [["scaling/held", "--min", "1"], 1, 'has no function "held"'],
  ] as const) {
    const ended = await fixture.stack.bellows(["function", "scale", ...words]);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(message)]);
  }
});

it("a lower maxContainers touches no busy container, and holds for what comes after", async () => {
  const gates = ["a", "b", "c"].map((name) => join(fixture.folder, name));
  const calls = gates.map((gate) => hold().remote(gate));
  await until(async () => (await ready("hold")).filter(({ running }) => running === 1).length === 3);
  const busy = (await ready("hold")).map(({ id }) => id);
  await hold().updateAutoscaler({ maxContainers: 1 });
  await until(async () => (await decisions())[0]?.desired === 1);
  expect((await ready("hold")).map(({ id }) => id)).toEqual(busy);
  await Promise.all(gates.map((gate) => writeFile(gate, "")));
  expect((await Promise.all(calls)).sort()).toEqual(busy.toSorted());
  await until(async () => (await ready("hold")).length <= 1);
  await hold().updateAutoscaler({ maxContainers: null });
}, 60_000);

it("code inside a function does so, under the name of that function", async () => {
  const morning = fixture.bellows.functions.fromName<typeof scaling.morning>("scaling", "morning");
  expect(await morning.remote(1)).toMatchObject({ minContainers: { value: 1, setBy: "scaling/morning" } });
  await until(async () => (await ready("hold")).length === 1);
  await expect(morning.remote(9)).rejects.toMatchObject({
    name: "InvalidError",
    message: expect.stringContaining("minContainers: 9 is above maxContainers 3"),
  });
}, 60_000);

it("generators, classes and pools have settings of their own", async () => {
  const beats = fixture.bellows.functions.fromName<typeof scaling.beats>("scaling", "beats");
  expect((await beats.updateAutoscaler({ bufferContainers: 2 })).bufferContainers.value).toBe(2);
  const Model = fixture.bellows.classes.fromName<typeof scaling.Model>("scaling", "Model");
  expect((await Model.updateAutoscaler({ bufferContainers: 3 })).bufferContainers.value).toBe(3);
  const large = Model.instance("large").name;
  expect(await large.updateAutoscaler({ minContainers: 1 })).toMatchObject({
    minContainers: { value: 1, layer: "override" },
    bufferContainers: { value: 0, layer: "default" },
  });
  await until(async () => (await ready("Model")).length === 1);
  expect(await large.remote()).toBe("large");
  const slow = hold().withOptions({ scaledownWindow: "9s" });
  expect(await slow.updateAutoscaler({ maxContainers: 2 })).toMatchObject({
    minContainers: { value: 0 },
    maxContainers: { value: 2 },
    scaledownWindowMs: { value: 9_000, layer: "code" },
  });
}, 60_000);

it("a restart of the orchestrator keeps it", async () => {
  const before = (await ready("hold")).map(({ id }) => id);
  const killed = await fixture.stack.pidOf("orchestrator");
  process.kill(killed, "SIGKILL");
  const running = (): Promise<number> => fixture.stack.pidOf("orchestrator").catch(() => killed);
  await until(async () => (await running()) !== killed);
  await fixture.stack.ready();
  expect((await scaled()).minContainers).toMatchObject({ value: 1, layer: "override", setBy: "scaling/morning" });
  await until(async () => (await ready("hold")).length === 1);
  expect((await ready("hold")).map(({ id }) => id)).toEqual(before);
}, 120_000);

it("a deploy takes it away, of pools too, and the containers go", async () => {
  await fixture.deploy();
  expect((await scaled()).minContainers).toMatchObject({ value: 0, layer: "default" });
  expect((await scaled()).maxContainers).toMatchObject({ value: 3, layer: "code", setBy: "deployment 2" });
  await until(async () => (await ready("hold")).length + (await ready("Model")).length === 0);
}, 60_000);

async function decisions(): Promise<DecisionView[]> {
  const { stdout } = await fixture.stack.bellows(["function", "decisions", "scaling/hold", "-n", "50", "--json"]);
  return JSON.parse(stdout) as DecisionView[];
}

it("the log of decisions tells what was wanted and why, newest first", async () => {
  const log = await decisions();
  expect(log.map(({ reason }) => reason)).toContainEqual(expect.stringContaining("raised to minContainers 2"));
  expect(log.map(({ reason }) => reason)).toContainEqual(expect.stringContaining("capped by maxContainers 1"));
  expect(log.map(({ atMs }) => atMs)).toEqual(log.map(({ atMs }) => atMs).toSorted((a, b) => b - a));
  const { stdout } = await fixture.stack.bellows(["function", "decisions", "scaling/hold", "-n", "1"]);
  const [title, newest, ...more] = stdout.trim().split("\n");
  expect(title).toMatch(/^AT +WANTED +CONTAINERS +QUEUED +RUNNING +WHY$/);
  expect(newest).toContain(new Date(log[0]?.atMs ?? 0).toISOString());
  expect(more).toEqual([]);
});
