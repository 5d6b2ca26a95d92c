import { calls } from "@bellows/db/schema/calls";
import { logs } from "@bellows/db/schema/logs";
import { newId } from "@bellows/protocol/ids";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const { db } = world.database;
const orchestrator = await world.start();
let fn: TestFunction;
let client: TestClient;
/** The container that runs the parent, and the link that its code has. */
let agent: TestAgent;
let inside: TestClient;
let parentId: string;

beforeEach(async () => {
  driver.answer = () => undefined;
  fn = await world.deploy({ maxContainers: 1 });
  client = await orchestrator.client();
  const opening = open(fn, "spawn", { inputCount: 1 });
  parentId = opening.callId;
  client.send(opening, inputs(parentId, 0), close(parentId, 1));
  agent = await until(() => {
    const found = driver.of(fn.functionId).find(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has the input");
    return found;
  });
  inside = await orchestrator.client({ container: agent.containerId });
});

afterEach(() => {
  client.cut();
  inside.cut();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

async function storedParent(callId: string) {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call && [call.parentCallId, call.parentIndex];
}

test("a call that a container makes is its input's child, and nobody else's word is taken for that", async () => {
  const parent = { callId: parentId, index: 0 };
  const [child, claimed] = [open(fn, "spawn", { parent }), open(fn, "spawn", { parent })];
  inside.send(child, inputs(child.callId, 0), close(child.callId, 1));
  client.send(claimed, inputs(claimed.callId, 0), close(claimed.callId, 1));
  await inside.hears("opened", child.callId);
  await client.hears("opened", claimed.callId);
  expect(await storedParent(child.callId)).toEqual([parentId, 0]);
  expect(await storedParent(claimed.callId)).toEqual([null, null]);
});

test("a container is not believed to run what it does not have", async () => {
  const elsewhere = open(await world.deploy(), "spawn", { inputCount: 1 });
  client.send(elsewhere, inputs(elsewhere.callId, 0), close(elsewhere.callId, 1));
  await client.hears("stored", elsewhere.callId);
  const named = [
    { callId: parentId, index: 1 },
    { callId: newId(), index: 0 },
    { callId: elsewhere.callId, index: 0 },
  ];
  const calls = named.map((parent) => open(fn, "spawn", { parent }));
  for (const call of calls) {
    inside.send(call, inputs(call.callId, 0), close(call.callId, 1));
    await inside.hears("opened", call.callId);
    expect(await storedParent(call.callId)).toEqual([null, null]);
  }
});

test("a container sees no call of another environment, and makes none there", async () => {
  const other = await world.deploy();
  const opening = open(other, "spawn");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  await client.hears("opened", callId);
  const forbidden = open(other, "map");
  inside.send(forbidden);
  expect((await inside.hears("refused", forbidden.callId)).error.code).toBe("PERMISSION_DENIED");
  await expect(inside.page(callId, 0)).rejects.toThrow("there is no call");
  inside.send({ type: "cancel", callId, terminateContainers: false });
  expect((await inside.hears("refused", callId)).error.code).toBe("NOT_FOUND");
  expect(orchestrator.engines.liveCall(other.functionId, callId)?.state).toBe("running");
  await orchestrator.engines.cancelCall(callId, { terminateContainers: false });
  await client.readAll(callId);
  await expect(inside.page(callId, 0)).rejects.toThrow("there is no call");
});

test.each([
  ["secrets", { secrets: ["of-others"] }],
  ["volumes", { volumes: { "/data": "of-others" } }],
])("a container gives itself no %s that its function was not deployed with", async (_what, settings) => {
  const opening = open(fn, "map", { pool: { settings, parameters: null } });
  inside.send(opening);
  const { error } = await inside.hears("refused", opening.callId);
  expect(error).toMatchObject({ code: "PERMISSION_DENIED", message: expect.stringContaining('"of-others"') });
  const permitted = open(fn, "map", { pool: { settings, parameters: null } });
  client.send(permitted);
  await client.hears("opened", permitted.callId);
  // A user has made the pool: code may call it as any other.
  const later = open(fn, "map", { pool: { settings, parameters: null } });
  inside.send(later);
  await inside.hears("opened", later.callId);
});

test("a container may name the secrets that its function has", async () => {
  const own = await world.deploy({ secrets: ["own"], volumes: { "/data": "own" } });
  const caller = open(own, "spawn");
  client.send(caller, inputs(caller.callId, 0), close(caller.callId, 1));
  const found = await until(() => {
    const [first] = driver.of(own.functionId);
    if (!first?.isLinked) throw new Error("no container yet");
    return first;
  });
  const link = await orchestrator.client({ container: found.containerId });
  const settings = { secrets: ["own"], volumes: { "/elsewhere": "own" }, maxInputs: 2, targetInputs: 2 };
  const opening = open(own, "map", { pool: { settings, parameters: null } });
  link.send(opening);
  await link.hears("opened", opening.callId);
  link.cut();
});

test("the life of apps and their logs are not a container's", async () => {
  const held = orchestrator.holds.held.length;
  inside.send({ type: "hold", appId: fn.appId }, { type: "followLogs", appId: fn.appId });
  await inside.served();
  orchestrator.logs.publish(fn.appId, [["ocr", 1, "stdout", null, null, newId(), "hello"]]);
  await inside.served();
  expect(orchestrator.holds.held).toHaveLength(held);
  expect(inside.of("logs")).toEqual([]);
});

test("a container that no engine knows is asked to come back", async () => {
  const stranger = await orchestrator.client({ container: newId() });
  await until(() => expect(stranger.closedWith).toBe(1013));
});

test("the containers of a function share one rate", async () => {
  const slow = await world.deploy({}, { limits: { asyncCallsPerSecond: 1 } });
  const opening = open(slow, "spawn");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  const found = await until(() => {
    const [first] = driver.of(slow.functionId);
    if (!first?.isLinked) throw new Error("no container yet");
    return first;
  });
  const caller = await orchestrator.client({ container: found.containerId });
  const openings = Array.from({ length: 40 }, () => open(slow, "spawn"));
  caller.send(...openings);
  await caller.served();
  const refused = caller.of("refused").filter(({ error }) => error.code === "LIMIT_EXCEEDED");
  expect(refused.length).toBeGreaterThanOrEqual(18);
  expect(refused.length).toBeLessThanOrEqual(20);
  caller.cut();
});

test("a function whose every slot waits for a call of itself says so in its logs, once", async () => {
  client.send({ type: "followLogs", appId: fn.appId });
  const child = open(fn, "remote", { parent: { callId: parentId, index: 0 }, inputCount: 1 });
  inside.send(child, inputs(child.callId, 0), close(child.callId, 1));
  const { lines } = await client.hears("logs");
  expect(lines[0]).toMatchObject([
    "ocr",
    expect.any(Number),
    "system",
    null,
    null,
    agent.containerId,
    expect.any(String),
  ]);
  expect(orchestrator.engines.stats(fn.functionId).deadlock).toBe(lines[0]?.[6]);
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  const rows = await db.select().from(logs).where(eq(logs.functionId, fn.functionId));
  expect(rows.filter(({ stream }) => stream === "system")).toHaveLength(1);
  const [item] = agent.held;
  if (item) agent.end(item, item[3]);
  await until(() => expect(orchestrator.engines.stats(fn.functionId).deadlock).toBeNull());
});
