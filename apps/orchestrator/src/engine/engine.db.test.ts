import { calls } from "@bellows/db/schema/calls";
import { outputs } from "@bellows/db/schema/outputs";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallKind } from "@bellows/protocol/states";
import { EXIT_HOOKS_GRACE_MS } from "@bellows/protocol/worker-frames";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFactReader } from "../journal/reader.ts";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { type TestOrchestrator, testWorld, userOf } from "../testing-world.ts";

const world = await testWorld();
const { driver, clock } = world;
const { db, pool } = world.database;
const reader = openFactReader(pool, world.now);
let orchestrator: TestOrchestrator;
let fn: TestFunction;
let client: TestClient;

beforeEach(async () => {
  driver.answer = () => undefined;
  orchestrator = await world.start();
  fn = await world.deploy();
  client = await orchestrator.client();
});

afterEach(async () => {
  world.hooks.acquiring = undefined;
  world.hooks.reader = undefined;
  clock.aheadMs = 0;
  driver.links = true;
  driver.tells = true;
  client.cut();
  await orchestrator.kill();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

/** Lets containers answer, and ends what they hold. */
function release(): void {
  driver.answer = ([, , , value]) => value;
  for (const agent of driver.of(fn.functionId)) for (const item of [...agent.held]) agent.end(item, item[3]);
}

function heldInput(): Promise<TestAgent> {
  return until(() => {
    const [found] = driver.of(fn.functionId).filter(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has an input");
    return found;
  });
}

function submit(kind: CallKind = "spawn", idempotencyKey: string | null = null): Promise<{ callId: string }> {
  const values = [new Uint8Array([0])];
  return orchestrator.engines.submit({
    callId: newId(),
    functionId: fn.functionId,
    kind,
    values,
    idempotencyKey,
    by: userOf(null),
  });
}

function entryOf(callId: string) {
  return orchestrator.engines
    .loaded({ environment: fn.environmentId, app: "pages", function: "ocr", pool: null })
    ?.calls.get(callId);
}

async function stateOf(callId: string): Promise<string | undefined> {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call?.state;
}

/** The next orchestrator, after this one was killed. */
async function restart(): Promise<void> {
  client.cut();
  await orchestrator.kill();
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
}

function relink(): void {
  for (const agent of driver.of(fn.functionId)) agent.connect();
}

test("a sync call that nobody has listened to for two minutes is cancelled, what runs of it too", async () => {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  const agent = await heldInput();
  client.cut();
  await until(() => expect(entryOf(opening.callId)?.audience.listeners).toBe(0));
  clock.aheadMs += LIMITS.vanishedCallerMs + 1_000;
  await until(() => expect(agent.heard.some(({ type }) => type === "cancel")).toBe(true));
  await until(async () => expect(await stateOf(opening.callId)).toBe("cancelled"));
});

test("a sync call that was still open when its orchestrator died is cancelled when its client stays away", async () => {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0));
  await client.hears("stored", opening.callId);
  await heldInput();
  driver.endAll();
  await restart();
  clock.aheadMs += LIMITS.vanishedCallerMs + 1_000;
  await until(async () => expect(await stateOf(opening.callId)).toBe("cancelled"));
});

test("an async call whose client died before it had added all ends with what was accepted", async () => {
  const opening = open(fn, "spawnMap");
  client.send(opening, inputs(opening.callId, 0, 3));
  await client.hears("stored", opening.callId);
  await heldInput();
  release();
  client.cut();
  await until(() => expect(entryOf(opening.callId)?.audience.feeders).toBe(0));
  await until(() => expect(orchestrator.engines.liveCall(fn.functionId, opening.callId)?.counts.succeeded).toBe(3));
  clock.aheadMs += LIMITS.vanishedCallerMs + 1_000;
  await until(async () => expect(await stateOf(opening.callId)).toBe("succeeded"));
});

test("an async call that is complete waits for nobody", async () => {
  const { callId } = await submit();
  await heldInput();
  clock.aheadMs += 2 * LIMITS.vanishedCallerMs;
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  release();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("an output is given when it is there, waited for when it is not, and not waited for too long", async () => {
  const { callId } = await submit("remote");
  expect(await orchestrator.engines.output(callId, 0, 0)).toBeUndefined();
  const waiting = orchestrator.engines.output(callId, 0, 8_000);
  await heldInput();
  release();
  expect(await waiting).toMatchObject({ status: 0 });
  expect(await orchestrator.engines.output(callId, 0, 0)).toMatchObject({ status: 0 });
  expect(await orchestrator.engines.output(callId, 5, 8_000)).toBeUndefined();
  await expect(orchestrator.engines.output(newId(), 0, 0)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(orchestrator.engines.output("no id", 0, 0)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("one key used by several requests at once makes one call", async () => {
  const made = await Promise.all([1, 2, 3].map(() => submit("spawn", "key")));
  expect(new Set(made.map(({ callId }) => callId)).size).toBe(1);
  expect(await submit("spawn", "key")).toEqual(made[0]);
});

test("a function stopped while its engine is being made runs nothing", async () => {
  world.hooks.acquiring = async () => {
    world.hooks.acquiring = undefined;
    await world.stopApp(fn);
    orchestrator.directory.invalidate();
    await orchestrator.engines.stopped([fn.functionId]);
  };
  await expect(submit()).rejects.toMatchObject({ code: "CONFLICT" });
  expect(driver.of(fn.functionId)).toEqual([]);
});

test("stopping an app leaves no stored input without an output", async () => {
  const opening = open(fn, "spawnMap");
  client.send(opening, inputs(opening.callId, 0, 200));
  await client.hears("opened", opening.callId);
  client.send(inputs(opening.callId, 200, 50), inputs(opening.callId, 250, 250));
  await client.served();
  await world.stopApp(fn);
  orchestrator.directory.invalidate();
  await orchestrator.engines.stopped([fn.functionId]);
  release();
  await until(async () => expect(await stateOf(opening.callId)).toBe("cancelled"));
  const rows = await db.select().from(outputs).where(eq(outputs.callId, opening.callId));
  const [call] = await db.select().from(calls).where(eq(calls.id, opening.callId));
  expect(rows).toHaveLength(call?.receivedCount ?? -1);
});

test("an engine that could not be made is made by the next who needs it", async () => {
  await orchestrator.kill();
  world.hooks.reader = {
    async unfinishedCalls(functionId) {
      if (failing) throw new Error("Postgres went away");
      return reader.unfinishedCalls(functionId);
    },
  };
  let failing = true;
  orchestrator = await world.start();
  await expect(submit()).rejects.toThrow("Postgres went away");
  failing = false;
  const { callId } = await submit();
  await heldInput();
  release();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("an input that a container holds through the death of the orchestrator is not run twice", async () => {
  const { callId } = await submit();
  const agent = await heldInput();
  await restart();
  relink();
  await until(() => expect(orchestrator.engines.liveCall(fn.functionId, callId)?.running).toHaveLength(1));
  expect(driver.of(fn.functionId)).toEqual([agent]);
  release();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0, attempts: 1 });
  expect(agent.heard.filter(({ type }) => type === "run")).toHaveLength(1);
});

test("an output that was not acknowledged before the death is stored by the next orchestrator", async () => {
  const { callId } = await submit();
  const agent = await heldInput();
  agent.deaf = true;
  await orchestrator.kill();
  const [item] = agent.held;
  if (item) agent.end(item, item[3]);
  agent.deaf = false;
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  relink();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
  await until(() => expect(agent.unacknowledged).toBe(0));
});

test("a container that ends while the orchestrator starts is not adopted", async () => {
  const { callId } = await submit();
  const agent = await heldInput();
  client.cut();
  await orchestrator.kill();
  world.hooks.acquiring = async () => driver.exit(agent.containerId, null);
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  expect(orchestrator.engines.liveContainers(fn.functionId).map(({ containerId }) => containerId)).not.toContain(
    agent.containerId,
  );
  driver.answer = ([, , , value]) => value;
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("a call that comes before the containers are known does not hide them", async () => {
  await submit();
  const agent = await heldInput();
  client.cut();
  await orchestrator.kill();
  const listed = driver.list.bind(driver);
  let early: Promise<unknown> | undefined;
  driver.list = async () => {
    driver.list = listed;
    const found = await listed();
    early = orchestrators.at(-1)?.ensure(fn.functionId);
    await reader.unfinishedCalls(fn.functionId);
    return found;
  };
  const orchestrators: TestOrchestrator["engines"][] = [];
  world.hooks.made = (engines) => void orchestrators.push(engines);
  orchestrator = await world.start([fn.functionId]);
  world.hooks.made = undefined;
  await early;
  expect(orchestrator.engines.container(agent.containerId)).toBeDefined();
});

test("an adopted container whose agent never links up is ended, and its input runs elsewhere", async () => {
  const { callId } = await submit();
  const agent = await heldInput();
  await restart();
  clock.aheadMs += 61_000;
  await until(() => expect(driver.stopped).toContain(agent.containerId));
  release();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("an adopted container has its time to link up, however old it is", async () => {
  await submit();
  const agent = await heldInput();
  await restart();
  await until(() => expect(orchestrator.engines.stats(fn.functionId).queued).toBeGreaterThanOrEqual(0));
  relink();
  await until(() => expect(orchestrator.engines.container(agent.containerId)?.entry.greeted).toBe(true));
  expect(driver.stopped).not.toContain(agent.containerId);
});

test("a container that was stopped is gone, also when the driver does not say so", async () => {
  await submit("remote");
  const agent = await heldInput();
  driver.tells = false;
  release();
  await orchestrator.engines.stopContainer(agent.containerId);
  await until(() => expect(agent.heard.some(({ type }) => type === "drain")).toBe(true));
  expect(orchestrator.engines.container(agent.containerId)).toBeDefined();
  // It hangs: nothing is heard of it any more.
  clock.aheadMs += 121_000;
  await until(() => expect(orchestrator.engines.container(agent.containerId)).toBeUndefined());
});

test("a container that cannot be reached while inputs wait is asked to end, with the time that its exit hooks have", async () => {
  await submit();
  const { containerId } = await heldInput();
  const agent = driver.agents.get(containerId);
  release();
  await until(() => expect(orchestrator.engines.stats(fn.functionId)).toMatchObject({ queued: 0, running: 0 }));
  agent?.cut();
  await until(() => expect(orchestrator.engines.container(containerId)?.entry.port).toBeNull());
  clock.aheadMs += 6_000;
  const { callId } = await submit();
  await until(() => expect(driver.graceMs.get(containerId)).toBeGreaterThan(EXIT_HOOKS_GRACE_MS));
  // Another takes its place meanwhile.
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("a container that could not be created fails its function's calls in words", async () => {
  driver.startError = new Error("no room on this host");
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  await client.hears("finished", opening.callId);
  driver.startError = undefined;
  expect(client.outputs(opening.callId)[0]?.[1]).toBe(1);
  expect(orchestrator.engines.liveContainers(fn.functionId)).toEqual([]);
});

test("a new function that cannot start fails its spawned calls after three starts, not after a minute", async () => {
  driver.startError = new Error("its code cannot start");
  const { callId } = await submit();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 1 });
  driver.startError = undefined;
});

test("one listener that fails does not keep the others from their outputs", async () => {
  const { callId } = await submit("remote");
  await heldInput();
  const entry = (await orchestrator.engines.ensure(fn.functionId)).calls.get(callId);
  if (!entry) throw new Error("the call runs");
  entry.audience.listen({
    output() {
      throw new Error("a defect");
    },
    yielded() {},
    finished() {},
  });
  release();
  await until(async () => expect(await stateOf(callId)).toBe("succeeded"));
  const next = await submit("remote");
  expect(await orchestrator.engines.output(next.callId, 0, 8_000)).toMatchObject({ status: 0 });
  expect(world.errors.splice(0).join()).toContain("a defect");
});

test("ending the orchestrator ends its containers, and what they ran is run by the next one", async () => {
  const { callId } = await submit();
  const agent = await heldInput();
  client.cut();
  await orchestrator.stop({ endContainers: true });
  expect(driver.of(fn.functionId)).toEqual([]);
  expect(agent.heard.filter(({ type }) => type === "run")).toHaveLength(1);
  driver.answer = ([, , , value]) => value;
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  expect(await orchestrator.engines.output(callId, 0, 8_000)).toMatchObject({ status: 0 });
});

test("many unfinished calls come back, each with one output", async () => {
  driver.links = false;
  const ids = await Promise.all(Array.from({ length: 150 }, () => submit().then(({ callId }) => callId)));
  driver.endAll();
  driver.links = true;
  driver.answer = ([, , , value]) => value;
  await restart();
  await until(async () => {
    const rows = await db.select({ state: calls.state }).from(calls).where(eq(calls.functionId, fn.functionId));
    expect(rows.filter(({ state }) => state === "succeeded")).toHaveLength(ids.length);
  });
});
