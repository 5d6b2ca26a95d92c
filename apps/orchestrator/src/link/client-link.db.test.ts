import { calls } from "@bellows/db/schema/calls";
import { outputs } from "@bellows/db/schema/outputs";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { db } = world.database;
const orchestrator: TestOrchestrator = await world.start();
const clients: TestClient[] = [];
let fn: TestFunction;
let client: TestClient;

async function connect(): Promise<TestClient> {
  const connected = await orchestrator.client();
  clients.push(connected);
  return connected;
}

beforeEach(async () => {
  fn = await world.deploy();
  client = await connect();
});

afterEach(() => {
  for (const opened of clients.splice(0)) opened.cut();
  world.driver.answer = ([, , , value]) => value;
  orchestrator.pressure.bytes = 0;
  expect(world.errors).toEqual([]);
});

async function storedOutputs(callId: string): Promise<number[]> {
  const rows = await db.select({ index: outputs.idx }).from(outputs).where(eq(outputs.callId, callId));
  return rows.map(({ index }) => index).sort((a, b) => a - b);
}

async function callOf(callId: string) {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call;
}

function entryOf(callId: string) {
  return orchestrator.engines
    .loaded({ environment: fn.environmentId, app: "pages", function: "ocr", pool: null })
    ?.calls.get(callId);
}

/** Resolves when the function has an engine, so that calls are opened at once. */
async function loaded(): Promise<void> {
  const opening = open(fn, "map");
  client.send(opening, close(opening.callId, 0));
  await client.hears("finished", opening.callId);
}

/** Holds all inputs back in their containers and returns what lets them go. */
function holdInputs(): () => Promise<void> {
  world.driver.answer = () => undefined;
  return async () => {
    world.driver.answer = ([, , , value]) => value;
    for (const agent of world.driver.of(fn.functionId)) {
      for (const item of [...agent.held]) agent.end(item, item[3]);
    }
  };
}

test("a map's outputs come to the link that opened it, then its end", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 20), inputs(callId, 20, 5), close(callId, 25));
  const finished = await client.hears("finished", callId);
  expect(finished).toMatchObject({ state: "succeeded", inputCount: 25, counts: { succeeded: 25 } });
  expect(client.indexes(callId)).toHaveLength(25);
  for (const [index, , payload] of client.outputs(callId)) expect([...payload]).toEqual([index]);
});

test("an empty map ends at once", async () => {
  const opening = open(fn, "map");
  client.send(opening, close(opening.callId, 0));
  expect(await client.hears("finished", opening.callId)).toMatchObject({ state: "succeeded", inputCount: 0 });
});

test("a spawned call is said to be open and stored when it is, and its output goes to who reads it", async () => {
  const opening = open(fn, "spawn");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  await client.hears("opened", callId);
  await client.hears("stored", callId);
  expect(await callOf(callId)).toMatchObject({ kind: "spawn" });
  await until(async () => expect(await callOf(callId)).toMatchObject({ state: "succeeded" }));
  expect(client.outputs(callId)).toEqual([]);
  const read = await client.readAll(callId);
  expect(read.outputs.map(([index]) => index)).toEqual([0]);
  expect(read.end).toMatchObject({ state: "succeeded", inputCount: 1 });
});

test("a late close of a stored call is confirmed, on whichever link it comes and however often", async () => {
  const opening = open(fn, "spawnMap");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 2));
  await client.hears("stored", callId);
  expect(client.of("closed", callId)).toEqual([]);
  client.send(close(callId, 2));
  await client.hears("closed", callId);
  await until(async () => expect(await callOf(callId)).toMatchObject({ state: "succeeded", inputCount: 2 }));

  const next = await connect();
  next.send({ ...opening, resume: true }, close(callId, 2));
  expect(await next.hears("closed", callId)).toMatchObject({ inputCount: 2 });
});

test("what is sent twice is stored and run once", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 3), inputs(callId, 0, 3), inputs(callId, 3, 2), inputs(callId, 0, 3));
  client.send(close(callId, 5), close(callId, 5));
  expect(await client.hears("finished", callId)).toMatchObject({ counts: { succeeded: 5 } });
  expect(client.outputs(callId)).toHaveLength(5);
  await until(() => expect(client.of("stored", callId)).toHaveLength(4));
});

test("a chunk that is cut otherwise the second time adds what is new of it", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 3), inputs(callId, 1, 4), close(callId, 5));
  expect(await client.hears("finished", callId)).toMatchObject({ counts: { succeeded: 5 } });
  expect(client.outputs(callId).map(([index, , payload]) => payload[0] === index)).toEqual(Array(5).fill(true));
});

test("a gap refuses the call, ends what has come of it, and leaves other calls alone", async () => {
  const release = holdInputs();
  const [gapped, other] = [open(fn, "map"), open(fn, "map")];
  client.send(gapped, inputs(gapped.callId, 0), inputs(gapped.callId, 2), inputs(gapped.callId, 3));
  client.send(other, inputs(other.callId, 0), close(other.callId, 1));
  expect((await client.hears("refused", gapped.callId)).error).toMatchObject({ code: "CONFLICT" });
  await client.served();
  expect(client.of("refused", gapped.callId)).toHaveLength(1);
  await until(() => expect(world.driver.of(fn.functionId).some(({ held }) => held.length > 0)).toBe(true));
  await release();
  expect(await client.hears("finished", other.callId)).toMatchObject({ state: "succeeded" });
});

test("a wrong count at the end refuses the call", async () => {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 2));
  expect((await client.hears("refused", opening.callId)).error.message).toContain("1 have come");
});

test("inputs after the end refuse the call", async () => {
  const release = holdInputs();
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1), inputs(opening.callId, 1));
  expect((await client.hears("refused", opening.callId)).error).toMatchObject({ code: "CONFLICT" });
  await release();
});

test("a value above the limit refuses the call and names the limit", async () => {
  const opening = open(fn, "map");
  const values = [new Uint8Array(LIMITS.valueBytes + 1)];
  client.send(opening, { type: "inputs", callId: opening.callId, firstIndex: 0, values });
  expect((await client.hears("refused", opening.callId)).error.message).toContain(String(LIMITS.valueBytes));
});

test("inputs of a call that is not open are refused", async () => {
  const callId = newId();
  client.send(inputs(callId, 0));
  expect((await client.hears("refused", callId)).error).toMatchObject({ code: "NOT_FOUND" });
});

test("an unknown function and a bad id are refused in words", async () => {
  const [unknown, bad, old] = [
    open(fn, "map", { function: "orc" }),
    open(fn, "map", { callId: "x".repeat(36) }),
    open(fn, "map", { callId: newId(Date.now() - 3_600_000) }),
  ];
  client.send(unknown, inputs(unknown.callId, 0), bad, old);
  expect((await client.hears("refused", unknown.callId)).error.message).toContain("ocr");
  expect((await client.hears("refused", bad.callId)).error.message).toContain("UUIDv7");
  expect((await client.hears("refused", old.callId)).error.message).toContain("clock");
  client.send({ type: "watch", callId: "y".repeat(36), fromIndex: 0 });
  expect((await client.hears("refused", "y".repeat(36))).error).toMatchObject({ code: "NOT_FOUND" });
});

test("an id that is taken is refused, and the call that has it goes on", async () => {
  const release = holdInputs();
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  await client.hears("stored", callId);
  const other = await connect();
  other.send(opening);
  expect((await other.hears("refused", callId)).error).toMatchObject({ code: "CONFLICT" });
  await until(() => expect(world.driver.of(fn.functionId).some(({ held }) => held.length > 0)).toBe(true));
  await release();
  expect(await client.hears("finished", callId)).toMatchObject({ state: "succeeded" });
});

test.each([
  ["is not MessagePack", new Uint8Array([0xc1])],
  ["is no list", new Uint8Array([0x01])],
  ["holds an unknown frame", new Uint8Array([0x91, 0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa1, 0x78])],
])("a message that %s closes the link with 4400", async (_what, bytes) => {
  client.sendRaw(bytes);
  await until(() => expect(client.closedWith).toBe(4400));
});

test("a call opened on a link that died before it was open is open on the next one", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  // Nobody has called the function yet: opening has to ask Postgres.
  client.send(opening, inputs(callId, 0), close(callId, 1));
  client.cut();
  const next = await connect();
  next.send({ ...opening, resume: true }, inputs(callId, 0), close(callId, 1), { type: "watch", callId, fromIndex: 0 });
  await next.hears("finished", callId);
  expect(next.indexes(callId)).toEqual([0]);
  expect(next.of("refused")).toEqual([]);
});

test("a call resumed while its first link still seems alive gets every output on the new one", async () => {
  const release = holdInputs();
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 2));
  await client.hears("stored", callId);
  const next = await connect();
  next.send({ ...opening, resume: true }, inputs(callId, 0, 2), inputs(callId, 2, 2), close(callId, 4));
  next.send({ type: "watch", callId, fromIndex: 0 });
  await next.hears("opened", callId);
  // What the first link still had on its way comes late, and is nothing new.
  client.send(inputs(callId, 0, 2), inputs(callId, 2, 2));
  await client.served();
  await until(() => expect(world.driver.of(fn.functionId).some(({ held }) => held.length > 0)).toBe(true));
  await release();
  expect(await next.hears("finished", callId)).toMatchObject({ counts: { succeeded: 4 } });
  expect(next.indexes(callId)).toEqual([0, 1, 2, 3]);
});

test("several resumes and opens of one call at once make one call", async () => {
  const opening = open(fn, "spawnMap");
  const { callId } = opening;
  const links = await Promise.all([1, 2, 3, 4].map(connect));
  for (const link of links) link.send({ ...opening, resume: true }, inputs(callId, 0, 3), close(callId, 3));
  for (const link of links) {
    await link.hears("opened", callId);
    const { outputs: read } = await link.readAll(callId);
    expect(link.of("refused")).toEqual([]);
    expect(read.map(([index]) => index)).toEqual([0, 1, 2]);
  }
  expect(await storedOutputs(callId)).toEqual([0, 1, 2]);
});

test("a finished call can be resumed and watched again", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 3), close(callId, 3));
  await client.hears("finished", callId);
  const next = await connect();
  next.send({ ...opening, resume: true }, inputs(callId, 0, 3), close(callId, 3), {
    type: "watch",
    callId,
    fromIndex: 1,
  });
  expect(await next.hears("finished", callId)).toMatchObject({ state: "succeeded", inputCount: 3 });
  expect(next.indexes(callId)).toEqual([1, 2]);
  await next.hears("stored", callId);
});

test("a link that is gone listens no more, also if it went before its call was open", async () => {
  const release = holdInputs();
  const [early, late] = [open(fn, "map"), open(fn, "map")];
  client.send(early, inputs(early.callId, 0));
  client.cut();
  const other = await connect();
  other.send(late, inputs(late.callId, 0));
  await other.hears("stored", late.callId);
  expect(entryOf(late.callId)?.audience.listeners).toBe(1);
  other.cut();
  await until(() => expect(entryOf(late.callId)?.audience.listeners).toBe(0));
  expect(entryOf(early.callId)?.audience.listeners ?? 0).toBe(0);
  await release();
});

test("one idempotency key used twice at once makes one call", async () => {
  const keyed = [1, 2].map(() => open(fn, "spawn", { idempotencyKey: "page 7" }));
  for (const opening of keyed) {
    client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  }
  const ids = await Promise.all(keyed.map(({ callId }) => client.hears("opened", callId)));
  expect(new Set(ids.map(({ existingCallId }) => existingCallId)).size).toBe(1);
  const rows = await db.select({ id: calls.id }).from(calls).where(eq(calls.functionId, fn.functionId));
  expect(rows).toHaveLength(1);
});

test("giving up a call whose key had one already does not end that one", async () => {
  const release = holdInputs();
  const first = open(fn, "spawn", { idempotencyKey: "page 8" });
  client.send(first, inputs(first.callId, 0), close(first.callId, 1));
  await client.hears("stored", first.callId);
  const again = open(fn, "spawn", { idempotencyKey: "page 8" });
  const other = await connect();
  other.send(again, inputs(again.callId, 0), close(again.callId, 1));
  other.send({ type: "cancel", callId: again.callId, terminateContainers: false });
  expect(await other.hears("opened", again.callId)).toMatchObject({ existingCallId: first.callId });
  await other.served();
  await release();
  await until(async () => expect(await callOf(first.callId)).toMatchObject({ state: "succeeded" }));
});

test("a second watch of a call takes the place of the first, and one end comes after all it covers", async () => {
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 40), close(callId, 40));
  await until(async () => expect((await storedOutputs(callId)).length).toBeGreaterThan(0));
  const reader = await connect();
  reader.send({ type: "watch", callId, fromIndex: 30 }, { type: "watch", callId, fromIndex: 0 });
  await reader.hears("finished", callId);
  expect(reader.indexes(callId)).toHaveLength(40);
  await reader.served();
  expect(reader.of("finished", callId)).toHaveLength(1);
  expect(reader.heard.at(-2)).toMatchObject({ type: "finished" });
});

test("a durable call is not watched", async () => {
  const opening = open(fn, "spawn");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  await client.hears("stored", callId);
  client.send({ type: "watch", callId, fromIndex: 0 });
  expect((await client.hears("refused", callId)).error).toMatchObject({ code: "INVALID" });
});

test("a spawned call that is closed is forgotten by its link", async () => {
  const opening = open(fn, "spawn");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  await client.hears("stored", callId);
  client.send(inputs(callId, 0));
  expect((await client.hears("refused", callId)).error.message).toContain("not open on this link");
});

test("a call cancelled while its inputs are on their way into Postgres leaves none without an output", async () => {
  const opening = open(fn, "spawnMap");
  const { callId } = opening;
  await loaded();
  client.send(opening, inputs(callId, 0, 100), inputs(callId, 100, 100));
  client.send({ type: "cancel", callId, terminateContainers: false });
  expect((await client.readAll(callId)).end).toMatchObject({ state: "cancelled", counts: { cancelled: 200 } });
  expect(await callOf(callId)).toMatchObject({ receivedCount: 200 });
  expect(await storedOutputs(callId)).toHaveLength(200);
});

test("a cancelled call takes no more inputs", async () => {
  const release = holdInputs();
  const opening = open(fn, "map");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0));
  await until(() => expect(world.driver.of(fn.functionId).some(({ held }) => held.length > 0)).toBe(true));
  for (const agent of world.driver.of(fn.functionId)) agent.deaf = true;
  const other = await connect();
  other.send({ type: "cancel", callId, terminateContainers: false });
  await until(() => expect(entryOf(callId)?.cancelled).toBe(true));
  client.send(inputs(callId, 1));
  expect((await client.hears("refused", callId)).error).toMatchObject({ code: "CANCELLED" });
  await release();
});

test("while too much waits for Postgres nothing is read, and then everything is", async () => {
  orchestrator.pressure.bytes = 1024 ** 3;
  await client.served();
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  const other = await connect();
  await other.served();
  expect(client.of("opened")).toEqual([]);
  orchestrator.pressure.bytes = 0;
  expect(await client.hears("finished", opening.callId)).toMatchObject({ state: "succeeded" });
});

test("a link holds an app until it is gone", async () => {
  const before = orchestrator.holds.released;
  client.send({ type: "hold", appId: fn.appId });
  await until(() => expect(orchestrator.holds.held).toContain(fn.appId));
  client.cut();
  await until(() => expect(orchestrator.holds.released).toBeGreaterThan(before));
});

test("logs that are followed twice come once, and none after the link is gone", async () => {
  client.send({ type: "followLogs", appId: fn.appId }, { type: "followLogs", appId: fn.appId });
  await client.served();
  orchestrator.logs.publish(fn.appId, [["ocr", 1, "stdout", null, null, newId(), "hello"]]);
  await client.hears("logs");
  await client.served();
  expect(client.of("logs")).toHaveLength(1);
});
