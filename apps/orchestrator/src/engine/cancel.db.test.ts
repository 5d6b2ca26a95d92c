import { connect } from "@bellows/db/connect";
import { calls } from "@bellows/db/schema/calls";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld, userOf } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const { db } = world.database;
const FAILURE = encodeValue({ code: "REMOTE", name: "Error", message: "no such page" });
let orchestrator: TestOrchestrator;
let fn: TestFunction;
let client: TestClient;

beforeEach(async () => {
  driver.answer = () => undefined;
  orchestrator = await world.start();
  fn = await world.deploy({ maxContainers: 1 });
  client = await orchestrator.client();
});

afterEach(async () => {
  client.cut();
  await orchestrator.kill();
  driver.endAll();
  driver.links = true;
  world.hooks.reader = undefined;
  expect(world.errors.splice(0)).toEqual([]);
});

function restart(): Promise<void> {
  return restartWith(undefined);
}

/** The next orchestrator, which may read otherwise. */
async function restartWith(reader: typeof world.hooks.reader): Promise<void> {
  world.hooks.reader = reader;
  client.cut();
  await orchestrator.kill();
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  for (const agent of driver.of(fn.functionId)) agent.connect();
}

async function stateOf(callId: string): Promise<string | undefined> {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call?.state;
}

async function spawned(count: number): Promise<string> {
  const opening = open(fn, "spawnMap", { inputCount: count });
  client.send(opening);
  for (let from = 0; from < count; from += 250) client.send(inputs(opening.callId, from, Math.min(250, count - from)));
  client.send(close(opening.callId, count));
  await client.hears("opened", opening.callId);
  return opening.callId;
}

function holdsSomething(): Promise<void> {
  return until(() => expect(driver.of(fn.functionId).flatMap(({ held }) => held).length).toBeGreaterThan(0));
}

/** Ends what containers hold, some of it with a failure. */
function endHeld(failed: (index: number) => boolean): void {
  for (const agent of driver.of(fn.functionId)) {
    for (const item of [...agent.held]) {
      if (failed(item[1])) agent.end(item, FAILURE, OUTPUT_STATUS.failed);
      else agent.end(item, item[3]);
    }
  }
}

/** A finished call of so many inputs, the even ones of which have failed. */
async function halfFailed(count: number): Promise<string> {
  const callId = await spawned(count);
  await until(async () => {
    endHeld((index) => index % 2 === 0);
    expect(await stateOf(callId)).toBe("failed");
  });
  return callId;
}

test("a cancel takes effect while nothing can be written, and every input has its output afterwards", async () => {
  const callId = await spawned(1_000);
  await holdsSomething();
  const blocker = await connect(world.url, "blocker");
  await blocker.query("begin; lock table input_chunks in share mode");
  const other = open(fn, "spawnMap");
  client.send(other, inputs(other.callId, 0, 100));
  await client.served();
  client.send({ type: "cancel", callId, terminateContainers: false });
  client.send({ type: "cancel", callId: other.callId, terminateContainers: false });
  await until(() => expect(orchestrator.engines.liveCall(fn.functionId, callId)?.running ?? []).toEqual([]));
  expect(driver.of(fn.functionId).flatMap(({ held }) => held)).toEqual([]);
  await blocker.query("commit");
  await blocker.end();
  const cancelled = await client.readAll(callId);
  expect(cancelled.outputs).toHaveLength(1_000);
  expect(cancelled.end).toMatchObject({ state: "cancelled", counts: { cancelled: 1_000 } });
  expect((await client.readAll(other.callId)).end).toMatchObject({ state: "cancelled", counts: { cancelled: 100 } });
  expect(driver.of(fn.functionId).flatMap(({ heard }) => heard.map(({ type }) => type))).toContain("cancel");
});

test("a call that was cancelled is cancelled by the next orchestrator too, and nothing of it runs again", async () => {
  const callId = await spawned(5_000);
  await holdsSomething();
  // What is not in memory cannot be read, so the cancel stays in the middle.
  await restartWith({ inputsWithoutOutput: () => Promise.reject(new Error("Postgres went away")) });
  await orchestrator.engines.cancelCall(callId, { terminateContainers: false });
  await restartWith(undefined);
  const runsBefore = driver.of(fn.functionId).flatMap(({ heard }) => heard.filter(({ type }) => type === "run")).length;
  await until(async () => expect(await stateOf(callId)).toBe("cancelled"));
  const { outputs, end } = await client.readAll(callId);
  expect(outputs).toHaveLength(5_000);
  expect(end.counts.succeeded + end.counts.cancelled).toBe(5_000);
  const runs = driver.of(fn.functionId).flatMap(({ heard }) => heard.filter(({ type }) => type === "run")).length;
  expect(runs).toBe(runsBefore);
});

test("a call cancelled before it could be opened has left no trace", async () => {
  const opening = open(fn, "spawn");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  client.send({ type: "cancel", callId: opening.callId, terminateContainers: false });
  expect((await client.hears("refused", opening.callId)).error.code).toBe("CANCELLED");
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  expect(await stateOf(opening.callId)).toBeUndefined();
});

test("a retry runs what failed, and only that, and the call ends anew", async () => {
  const callId = await halfFailed(6);
  expect((await client.readAll(callId)).end).toMatchObject({ counts: { succeeded: 3, failed: 3 } });
  expect(await orchestrator.engines.retryCall(callId)).toEqual({ retried: 3 });
  await expect(orchestrator.engines.retryCall(callId)).rejects.toMatchObject({ code: "CONFLICT" });
  const ran = new Set<number>();
  await until(async () => {
    for (const { held } of driver.of(fn.functionId)) for (const [, index] of held) ran.add(index);
    endHeld(() => false);
    expect(await stateOf(callId)).toBe("succeeded");
  });
  expect([...ran].sort()).toEqual([0, 2, 4]);
  const { outputs, end } = await client.readAll(callId);
  expect(outputs.map(([index, status, payload]) => [index, status, payload[0]])).toEqual(
    [0, 1, 2, 3, 4, 5].map((index) => [index, 0, index]),
  );
  expect(end).toMatchObject({ state: "succeeded", counts: { succeeded: 6, failed: 0, cancelled: 0 } });
  expect(await orchestrator.engines.retryCall(callId)).toEqual({ retried: 0 });
});

test("a retry survives the death of the orchestrator right after it, and a cancelled call can be retried", async () => {
  const callId = await spawned(300);
  await holdsSomething();
  await orchestrator.engines.cancelCall(callId, { terminateContainers: false });
  await until(async () => expect(await stateOf(callId)).toBe("cancelled"));
  const { retried } = await orchestrator.engines.retryCall(callId);
  expect(retried).toBe(300);
  await restart();
  driver.answer = ([, , , value]) => value;
  endHeld(() => false);
  const { outputs, end } = await client.readAll(callId);
  expect(outputs).toHaveLength(300);
  expect(end).toMatchObject({ state: "succeeded", counts: { succeeded: 300, failed: 0, cancelled: 0 } });
});

test("a retried call that is cancelled at once is cancelled", async () => {
  const callId = await halfFailed(4);
  const retried = orchestrator.engines.retryCall(callId);
  await orchestrator.engines.cancelCall(callId, { terminateContainers: false });
  await retried;
  await until(async () => {
    endHeld(() => false);
    expect(["cancelled", "succeeded"]).toContain(await stateOf(callId));
  });
  expect((await client.readAll(callId)).outputs).toHaveLength(4);
});

test("what cannot be retried is refused in words", async () => {
  driver.answer = ([, , , value]) => value;
  const { engines } = orchestrator;
  await expect(engines.retryCall(newId())).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(engines.retryCall("no id")).rejects.toMatchObject({ code: "NOT_FOUND" });
  const values = [new Uint8Array([0])];
  const call = { functionId: fn.functionId, values, idempotencyKey: null, by: userOf(null) };
  const sync = await engines.submit({ ...call, callId: newId(), kind: "remote" });
  await until(async () => expect(await stateOf(sync.callId)).toBe("succeeded"));
  await expect(engines.retryCall(sync.callId)).rejects.toMatchObject({ code: "INVALID" });
  driver.answer = () => undefined;
  const running = await engines.submit({ ...call, callId: newId(), kind: "spawn" });
  await expect(engines.retryCall(running.callId)).rejects.toMatchObject({ code: "CONFLICT" });
  await until(async () => {
    endHeld(() => true);
    expect(await stateOf(running.callId)).toBe("failed");
  });
  await world.stopApp(fn);
  orchestrator.directory.invalidate();
  await engines.stopped([fn.functionId]);
  await expect(engines.retryCall(running.callId)).rejects.toMatchObject({ code: "CONFLICT" });
});

test("a spawnMap whose orchestrator dies while it comes in is completed by its client, and runs once", async () => {
  driver.answer = ([, , , value]) => value;
  const opening = open(fn, "spawnMap", { inputCount: 4_000 });
  const { callId } = opening;
  client.send(opening);
  for (let from = 0; from < 2_000; from += 200) client.send(inputs(callId, from, 200));
  await client.hears("stored", callId);
  await restart();
  client.send({ ...opening, resume: true });
  for (let from = 0; from < 4_000; from += 200) client.send(inputs(callId, from, 200));
  client.send(close(callId, 4_000));
  const { outputs, end } = await client.readAll(callId);
  expect(client.of("refused")).toEqual([]);
  expect(outputs).toHaveLength(4_000);
  expect(end).toMatchObject({ state: "succeeded", inputCount: 4_000, counts: { succeeded: 4_000 } });
});

test("a spawnMap that was admitted goes on after a restart, although others have taken its room meanwhile", async () => {
  fn = await world.deploy({}, { limits: { pendingAsyncInputs: 100 } });
  const opening = open(fn, "spawnMap", { inputCount: 90 });
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, 10));
  await client.hears("stored", callId);
  await restart();
  const other = open(fn, "spawnMap", { inputCount: 80 });
  client.send(other, inputs(other.callId, 0, 80), close(other.callId, 80));
  await client.hears("stored", other.callId);
  client.send({ ...opening, resume: true }, inputs(callId, 10, 80), close(callId, 90));
  await client.hears("closed", callId);
  expect(client.of("refused")).toEqual([]);
  const over = open(fn, "spawn");
  client.send(over, inputs(over.callId, 0), close(over.callId, 1));
  expect((await client.hears("refused", over.callId)).error.details).toMatchObject({ current: 170 });
});

test("the key of a call is the call's after a restart too", async () => {
  const first = open(fn, "spawn", { idempotencyKey: "page 7" });
  client.send(first, inputs(first.callId, 0), close(first.callId, 1));
  await client.hears("opened", first.callId);
  await restart();
  const second = open(fn, "spawn", { idempotencyKey: "page 7" });
  client.send(second, inputs(second.callId, 0), close(second.callId, 1));
  expect(await client.hears("opened", second.callId)).toMatchObject({ existingCallId: first.callId });
});
