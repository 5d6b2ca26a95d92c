import { openDatabase } from "@bellows/db/client";
import { connect } from "@bellows/db/connect";
import { attempts } from "@bellows/db/schema/attempts";
import { calls } from "@bellows/db/schema/calls";
import { containers } from "@bellows/db/schema/containers";
import { decisions } from "@bellows/db/schema/decisions";
import { functionOwners } from "@bellows/db/schema/function-owners";
import { functionStats } from "@bellows/db/schema/function-stats";
import { logs } from "@bellows/db/schema/logs";
import { outputs } from "@bellows/db/schema/outputs";
import { cloneTestDatabase } from "@bellows/db/testing";
import { idTimeMs, newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { asc, eq, sql } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Fact, OwnerEpoch } from "./facts.ts";
import { insertTestFunction, type TestFunction } from "./test-function.ts";
import { JournalWriter } from "./writer.ts";

const url = await cloneTestDatabase();
const database = openDatabase(url);
const { db } = database;

let fn: TestFunction;
let owner: OwnerEpoch;
let journal: JournalWriter;
const stale: OwnerEpoch[] = [];
const rejected: Fact[] = [];
const troubles: unknown[] = [];
const journals: JournalWriter[] = [];

function openJournal(): JournalWriter {
  const opened = new JournalWriter({
    url,
    pool: database.pool,
    now: Date.now,
    onStale: (staleOwner) => stale.push(staleOwner),
    onRejected: (_owner, fact) => rejected.push(fact),
    onTrouble: (error) => troubles.push(error),
  });
  journals.push(opened);
  return opened;
}

async function ownerOf({ functionId }: TestFunction): Promise<OwnerEpoch> {
  await db.insert(functionOwners).values({ functionId, orchestratorId: newId(), epoch: 1, acquiredAtMs: Date.now() });
  return { functionId, epoch: 1 };
}

beforeEach(async () => {
  for (const list of [stale, rejected, troubles]) list.length = 0;
  fn = await insertTestFunction(database);
  owner = await ownerOf(fn);
  journal = openJournal();
  journal.start();
});

afterAll(async () => {
  for (const opened of journals) await opened.stop();
  await database.close();
});

function committed(of = journal): Promise<void> {
  return new Promise((resolve) => of.barrier(resolve));
}

function opened(callId: string, more: Partial<Extract<Fact, { type: "callOpened" }>> = {}): Fact {
  const { functionId, environmentId } = fn;
  return {
    type: "callOpened",
    callId,
    functionId,
    environmentId,
    kind: "spawnMap",
    idempotencyKey: null,
    inputCount: null,
    parent: null,
    ...more,
  };
}

function output(callId: string, index: number, more: Partial<Extract<Fact, { type: "output" }>> = {}): Fact {
  return {
    type: "output",
    callId,
    index,
    status: OUTPUT_STATUS.succeeded,
    payload: new Uint8Array([index & 255, 1, 2]),
    attempts: 1,
    containerId: fn.deploymentId,
    queuedAtMs: 1_000,
    startedAtMs: 2_000,
    finishedAtMs: 3_000,
    ...more,
  };
}

function failedAttempt(callId: string, index: number, attempt: number, outcome: "failed" | "lost"): Fact {
  const { deploymentId: containerId } = fn;
  const error = new Uint8Array([7]);
  return {
    type: "attemptFailed",
    callId,
    index,
    attempt,
    containerId,
    startedAtMs: 1,
    finishedAtMs: 2,
    error,
    outcome,
  };
}

async function outputsOf(callId: string) {
  return db.select().from(outputs).where(eq(outputs.callId, callId)).orderBy(asc(outputs.idx));
}

async function callOf(callId: string) {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call;
}

test("every kind of fact arrives as it was said", async () => {
  const callId = newId();
  const parent = { callId: newId(), index: 3 };
  const containerId = newId();
  const timings = { createMs: 1, bootMs: 2, fetchMs: 3, importMs: 4, enterMs: 5 };
  const moved = {
    type: "containerMoved",
    containerId,
    functionId: fn.functionId,
    deploymentId: fn.deploymentId,
    driver: "process",
    slots: null,
    timings: null,
    reason: null,
    error: null,
  } as const;
  const facts: Fact[] = [
    opened(callId, { idempotencyKey: "once", parent }),
    { type: "inputs", callId, firstIndex: 0, values: [new Uint8Array([1]), new Uint8Array([2, 3])] },
    { type: "callClosed", callId, inputCount: 2 },
    { ...moved, state: "starting", atMs: 10 },
    { ...moved, state: "ready", atMs: 20, slots: 4, timings },
    { type: "log", functionId: fn.functionId, containerId, atMs: 21, stream: "stdout", callId, index: 1, text: "hi\0" },
    {
      type: "attemptFailed",
      callId,
      index: 1,
      attempt: 1,
      containerId,
      startedAtMs: 22,
      finishedAtMs: 23,
      error: new Uint8Array([7]),
      outcome: "lost",
    },
    { type: "callCancelAsked", callId, atMs: 25 },
    { type: "callCancelAsked", callId, atMs: 26 },
    output(callId, 0, { containerId }),
    output(callId, 1, { containerId: null, startedAtMs: null, status: OUTPUT_STATUS.cancelled, attempts: 0 }),
    {
      type: "callFinished",
      callId,
      state: "cancelled",
      counts: { succeeded: 1, failed: 0, cancelled: 1 },
      finishedAtMs: 30,
    },
    {
      type: "decision",
      functionId: fn.functionId,
      atMs: 31,
      desired: 5,
      current: 4,
      queued: 3,
      running: 2,
      cappedBy: "maxContainers",
      reason: "wanted 7",
    },
    { ...moved, state: "stopped", atMs: 40, slots: 4, timings, reason: "idle" },
  ];
  for (const fact of facts) journal.append(owner, fact);
  expect(journal.pendingBytes).toBeGreaterThan(0);
  await committed();
  expect(journal.pendingBytes).toBe(0);

  expect(await callOf(callId)).toEqual({
    id: callId,
    functionId: fn.functionId,
    appId: fn.appId,
    environmentId: fn.environmentId,
    kind: "spawnMap",
    state: "cancelled",
    idempotencyKey: "once",
    inputCount: 2,
    receivedCount: 2,
    succeededCount: 1,
    failedCount: 0,
    cancelledCount: 1,
    finishedAtMs: 30,
    parentCallId: parent.callId,
    parentIndex: 3,
    cancelAskedAtMs: 25,
  });
  expect(await outputsOf(callId)).toMatchObject([
    { idx: 0, status: 0, attempts: 1, containerId, startedAtMs: 2_000, payload: Buffer.from([0, 1, 2]) },
    { idx: 1, status: 2, attempts: 0, containerId: null, startedAtMs: null },
  ]);
  expect(await db.select().from(attempts).where(eq(attempts.callId, callId))).toMatchObject([
    { idx: 1, attempt: 1, containerId, error: Buffer.from([7]), outcome: "lost" },
  ]);
  expect(await db.select().from(logs).where(eq(logs.callId, callId))).toMatchObject([
    { idx: 1, stream: "stdout", text: "hi\uFFFD", atMs: 21 },
  ]);
  expect(await db.select().from(decisions).where(eq(decisions.functionId, fn.functionId))).toMatchObject([
    { desired: 5, cappedBy: "maxContainers", reason: "wanted 7" },
  ]);
  expect(await db.select().from(containers).where(eq(containers.id, containerId))).toMatchObject([
    { state: "stopped", slots: 4, createdAtMs: 10, readyAtMs: 20, stoppedAtMs: 40, timings, reason: "idle" },
  ]);
});

test("what a function did in ten seconds is one row of the day it was done on, and written again it is still one", async () => {
  const atMs = Math.floor(Date.now() / 10_000) * 10_000 - 86_400_000;
  const stats: Fact = {
    type: "functionStats",
    functionId: fn.functionId,
    atMs,
    arrived: 5,
    arrivals: [
      [0, 2],
      [9_900, 3],
    ],
    succeeded: 4,
    failed: 1,
    cancelled: 0,
    queueMs: [[1, 5]],
    startMs: [],
    runMs: [[112, 5]],
    batchSizes: [[5, 1]],
    queuedMax: 5,
    runningMax: 5,
    containersMax: 1,
  };
  // An output that is there already makes the group be written a second time.
  const callId = newId();
  journal.append(owner, opened(callId));
  journal.append(owner, output(callId, 0));
  await committed();
  journal.append(owner, output(callId, 0));
  journal.append(owner, stats);
  await committed();
  const rows = await db.select().from(functionStats).where(eq(functionStats.functionId, fn.functionId));
  const { type: _, ...stored } = stats;
  expect(rows).toEqual([{ id: expect.any(String), ...stored }]);
  expect(idTimeMs(rows[0]?.id ?? "")).toBe(atMs);
});

test("a call is the sum of facts that came in different transactions", async () => {
  const callId = newId();
  journal.append(owner, opened(callId));
  await committed();
  journal.append(owner, { type: "inputs", callId, firstIndex: 0, values: [new Uint8Array(1), new Uint8Array(1)] });
  await committed();
  expect(await callOf(callId)).toMatchObject({ state: "running", receivedCount: 2, inputCount: null });
  journal.append(owner, { type: "callProgress", callId, counts: { succeeded: 1, failed: 0, cancelled: 0 } });
  journal.append(owner, { type: "callClosed", callId, inputCount: 2 });
  await committed();
  // Opened once more by a client that lost its link: nothing is reset.
  journal.append(owner, opened(callId));
  await committed();
  expect(await callOf(callId)).toMatchObject({ state: "running", receivedCount: 2, inputCount: 2, succeededCount: 1 });
});

test("commits are reported in the order of appending, over many groups and barriers", async () => {
  const callId = newId();
  const order: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    journal.append(owner, output(callId, i), () => order.push(i));
    if (i % 3_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  let atBarrier = 0;
  journal.barrier(() => {
    atBarrier = order.length;
  });
  await committed();
  expect(atBarrier).toBe(20_000);
  expect(order).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  expect((await outputsOf(callId)).map((row) => row.idx)).toEqual(order);
});

test("a barrier with nothing pending is passed at once", () => {
  let passed = false;
  journal.barrier(() => {
    passed = true;
  });
  expect(passed).toBe(true);
});

test("an output offered twice is stored once, as it was the first time, and both are acknowledged", async () => {
  const callId = newId();
  let acknowledged = 0;
  const append = (fact: Fact) => journal.append(owner, fact, () => acknowledged++);
  append(output(callId, 0, { payload: new Uint8Array([1]) }));
  await committed();
  append(output(callId, 0, { payload: new Uint8Array([2]) }));
  append(output(callId, 1));
  append(output(callId, 1, { payload: new Uint8Array([3]) }));
  await committed();
  expect(acknowledged).toBe(4);
  const rows = await outputsOf(callId);
  expect(rows.map((row) => [row.idx, row.payload[0]])).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

test("an attempt that was lost and turns out to have failed is a failed one, however often both are told", async () => {
  const callId = newId();
  const told = (index: number, outcome: "failed" | "lost"): Fact => failedAttempt(callId, index, 1, outcome);
  for (const fact of [opened(callId), told(0, "lost"), told(1, "lost"), told(1, "failed")]) journal.append(owner, fact);
  await committed();
  for (const fact of [told(0, "failed"), told(0, "lost"), told(1, "lost")]) journal.append(owner, fact);
  await committed();
  const stored = await db.select().from(attempts).where(eq(attempts.callId, callId)).orderBy(asc(attempts.idx));
  expect(stored.map(({ idx, outcome }) => [idx, outcome])).toEqual([
    [0, "failed"],
    [1, "failed"],
  ]);
});

test("an output that does not know its attempts is counted by the failed ones that are stored", async () => {
  const callId = newId();
  journal.append(owner, opened(callId));
  journal.append(owner, failedAttempt(callId, 0, 1, "failed"));
  journal.append(owner, failedAttempt(callId, 0, 2, "lost"));
  await committed();
  for (const fact of [output(callId, 0, { attempts: null }), output(callId, 1, { attempts: null })]) {
    journal.append(owner, fact);
  }
  await committed();
  expect((await outputsOf(callId)).map(({ attempts }) => attempts)).toEqual([2, 1]);
});

test("a chunk that is resent longer replaces the shorter one, a shorter one changes nothing", async () => {
  const callId = newId();
  const values = [new Uint8Array([1]), new Uint8Array([2]), new Uint8Array([3])];
  for (const length of [2, 3, 1]) {
    journal.append(owner, { type: "inputs", callId, firstIndex: 0, values: values.slice(0, length) });
    await committed();
  }
  const { rows } = await db.execute(sql`select count from input_chunks where call_id = ${callId}`);
  expect(rows).toEqual([{ count: 3 }]);
});

test("a stale owner writes nothing any more and is told once; others in the same group are not touched", async () => {
  const other = await insertTestFunction(database);
  const otherOwner = await ownerOf(other);
  await db.update(functionOwners).set({ epoch: 2 }).where(eq(functionOwners.functionId, fn.functionId));
  const [staleCall, currentCall] = [newId(), newId()];
  let staleCommits = 0;
  journal.append(owner, output(staleCall, 0), () => staleCommits++);
  journal.append(otherOwner, output(currentCall, 0));
  journal.append(owner, output(staleCall, 1), () => staleCommits++);
  await committed();
  journal.append(owner, output(staleCall, 2), () => staleCommits++);
  await committed();
  expect(stale).toEqual([owner]);
  expect(staleCommits).toBe(0);
  expect(await outputsOf(staleCall)).toEqual([]);
  expect(await outputsOf(currentCall)).toHaveLength(1);
});

test("a take-over waits for the transaction that has checked the epoch", async () => {
  const taker = await connect(url);
  const writer = await connect(url);
  await writer.query("begin");
  await writer.query("select check_owners($1, $2)", [[owner.functionId], [owner.epoch]]);
  await taker.query("set lock_timeout = '50ms'");
  await expect(
    taker.query("update function_owners set epoch = 2 where function_id = $1", [owner.functionId]),
  ).rejects.toMatchObject({ code: "55P03" });
  await writer.query("commit");
  await taker.query("update function_owners set epoch = 2 where function_id = $1", [owner.functionId]);
  await Promise.all([taker.end(), writer.end()]);
});

test("a fact that can never be stored is given up alone", async () => {
  const callId = newId();
  const longAgo = newId(Date.now() - 60 * 86_400_000);
  let acknowledged = 0;
  for (let i = 0; i < 5; i++) journal.append(owner, output(callId, i), () => acknowledged++);
  // A day that was dropped: its agent is acknowledged, or it would offer the output for ever.
  journal.append(owner, output(longAgo, 0), () => acknowledged++);
  for (let i = 5; i < 10; i++) journal.append(owner, output(callId, i), () => acknowledged++);
  await committed();
  expect(rejected.map((fact) => fact.type)).toEqual(["output"]);
  expect(acknowledged).toBe(11);
  expect(await outputsOf(callId)).toHaveLength(10);
  expect(troubles).toEqual([]);
});

test("who cannot open a call hears that, and nothing that builds on it is stored", async () => {
  const longAgo = newId(Date.now() - 60 * 86_400_000);
  const heard: string[] = [];
  const values = [new Uint8Array([1])];
  for (const fact of [opened(longAgo), { type: "inputs", callId: longAgo, firstIndex: 0, values } as const]) {
    journal.append(
      owner,
      fact,
      () => heard.push(`${fact.type} committed`),
      (error) => heard.push(`${fact.type} rejected: ${error instanceof Error}`),
    );
  }
  await committed();
  journal.append(owner, output(longAgo, 0), () => heard.push("output given up"));
  await committed();
  expect(heard).toEqual(["callOpened rejected: true", "inputs rejected: true", "output given up"]);
  expect(rejected.map((fact) => fact.type)).toEqual(["callOpened"]);
});

test("a call of another function keeps all it has when its id is used again", async () => {
  const callId = newId();
  journal.append(owner, opened(callId));
  journal.append(owner, { type: "inputs", callId, firstIndex: 0, values: [new Uint8Array([1])] });
  journal.append(owner, output(callId, 0));
  await committed();
  const other = await insertTestFunction(database);
  const thief = await ownerOf(other);
  const errors: unknown[] = [];
  const refuse = (error: unknown) => void errors.push(error);
  const { functionId, environmentId } = other;
  const unheard = (): void => expect.unreachable();
  journal.append(thief, opened(callId, { functionId, environmentId }), unheard, refuse);
  const values = [new Uint8Array([7]), new Uint8Array([8])];
  journal.append(thief, { type: "inputs", callId, firstIndex: 0, values }, unheard, refuse);
  journal.append(thief, output(callId, 1));
  await committed();
  expect(errors).toHaveLength(2);
  expect(await outputsOf(callId)).toHaveLength(1);
  const chunks = await db.execute(sql`select count from input_chunks where call_id = ${callId}`);
  expect(chunks.rows).toEqual([{ count: 1 }]);
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  expect(call).toMatchObject({ functionId: fn.functionId, receivedCount: 1 });
});

test("a partition that is missing is made on the way", async () => {
  const callId = newId();
  journal.append(owner, output(callId, 0));
  await committed();
  const { rows } = await db.execute<{ name: string }>(
    sql`select tableoid::regclass::text as name from outputs where call_id = ${callId}`,
  );
  await db.execute(sql.raw(`drop table ${rows[0]?.name}`));
  const again = newId();
  journal.append(owner, output(again, 0));
  await committed();
  expect(await outputsOf(again)).toHaveLength(1);
  expect(rejected).toEqual([]);
});

test("a callback that throws is reported and stops nothing", async () => {
  const callId = newId();
  journal.append(owner, output(callId, 0), () => {
    throw new Error("mine");
  });
  journal.append(owner, output(callId, 1));
  await committed();
  expect(troubles).toMatchObject([{ message: "mine" }]);
  expect(await outputsOf(callId)).toHaveLength(2);
});

test("what was appended before the start and before the stop is written; what comes after is not", async () => {
  const late = openJournal();
  const callId = newId();
  late.append(owner, output(callId, 0));
  late.append(owner, output(callId, 1));
  const stopped = late.stop();
  late.append(owner, output(callId, 2));
  await stopped;
  await late.stop();
  expect(await outputsOf(callId)).toHaveLength(2);
});

test("large values pass", async () => {
  const callId = newId();
  const payload = new Uint8Array(16 * 1024 * 1024).fill(5);
  journal.append(owner, output(callId, 0, { payload }));
  journal.append(owner, output(callId, 1));
  await committed();
  const rows = await outputsOf(callId);
  expect(rows.map((row) => row.payload.byteLength)).toEqual([payload.byteLength, 3]);
});
