/** What a retry of a call does to its facts, whatever came before and after it, and however often it is written. */
import { attempts } from "@bellows/db/schema/attempts";
import { calls } from "@bellows/db/schema/calls";
import { outputs } from "@bellows/db/schema/outputs";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { asc, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Fact } from "./facts.ts";
import { openPreparedSession } from "./prepared-session.ts";
import { retrySteps } from "./retry-call.ts";
import { testJournal } from "./testing-journal.ts";
import { runTransaction } from "./transaction.ts";

const { url, db, fn, owner, journal, reader, store } = await testJournal();
const { functionId, environmentId } = fn;

const containerId = newId();

function output(callId: string, index: number, status: OutputStatus, ran = true): Fact {
  const times = { queuedAtMs: 1, startedAtMs: ran ? 2 : null, finishedAtMs: 3 };
  const payload = new Uint8Array([index]);
  return {
    type: "output",
    callId,
    index,
    status,
    payload,
    attempts: 1,
    containerId: ran ? containerId : null,
    ...times,
  };
}

function attemptFailed(callId: string, index: number, attempt: number, outcome: "failed" | "lost"): Fact {
  const error = new Uint8Array([100 + attempt]);
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

/** A call of five: succeeded, failed after two attempts, cancelled while it ran, cancelled before, succeeded after one. */
function finishedCall(callId: string): Fact[] {
  const call = { callId, functionId, environmentId, idempotencyKey: null, parent: null };
  return [
    { type: "callOpened", ...call, kind: "spawnMap", inputCount: 5 },
    { type: "inputs", callId, firstIndex: 0, values: [0, 1, 2, 3, 4].map((value) => new Uint8Array([value])) },
    attemptFailed(callId, 1, 1, "failed"),
    attemptFailed(callId, 1, 3, "lost"),
    attemptFailed(callId, 4, 1, "failed"),
    { type: "callCancelAsked", callId, atMs: 5 },
    output(callId, 0, OUTPUT_STATUS.succeeded),
    output(callId, 1, OUTPUT_STATUS.failed),
    output(callId, 2, OUTPUT_STATUS.cancelled),
    output(callId, 3, OUTPUT_STATUS.cancelled, false),
    output(callId, 4, OUTPUT_STATUS.succeeded),
    {
      type: "callFinished",
      callId,
      state: "cancelled",
      counts: { succeeded: 2, failed: 1, cancelled: 2 },
      finishedAtMs: 9,
    },
  ];
}

async function storedOf(callId: string) {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  const done = await db.select().from(outputs).where(eq(outputs.callId, callId)).orderBy(asc(outputs.idx));
  const tried = await db
    .select()
    .from(attempts)
    .where(eq(attempts.callId, callId))
    .orderBy(asc(attempts.idx), asc(attempts.attempt));
  return {
    call,
    outputs: done.map(({ idx, status, payload }) => [idx, status, payload[0]]),
    attempts: tried.map(({ idx, attempt, outcome, error }) => [idx, attempt, outcome, error[0]]),
  };
}

const RETRIED = {
  call: {
    state: "running",
    finishedAtMs: null,
    succeededCount: 2,
    failedCount: 0,
    cancelledCount: 0,
    cancelAskedAtMs: null,
    inputCount: 5,
  },
  outputs: [
    [0, 0, 0],
    [4, 0, 4],
  ],
  attempts: [
    [1, 1, "retried", 101],
    [1, 3, "retried", 103],
    [1, 4, "retried", 1],
    [2, 1, "retried", 2],
    [4, 1, "failed", 101],
  ],
};

test("what failed or was cancelled has no output any more, its attempts count for nothing and new ones begin above", async () => {
  const callId = newId();
  await store(...finishedCall(callId));
  await store({ type: "callRetried", callId });
  expect(await storedOf(callId)).toMatchObject(RETRIED);
  const { inputs, finished } = await reader.inputsWithoutOutput(callId, 0, 100);
  expect(inputs.map(({ value, ...input }) => input)).toEqual([
    { index: 1, failedAttempts: 0, lostAttempts: 0, lastAttempt: 1_004 },
    { index: 2, failedAttempts: 0, lostAttempts: 0, lastAttempt: 1_001 },
    { index: 3, failedAttempts: 0, lostAttempts: 0, lastAttempt: 0 },
  ]);
  expect(finished).toEqual({ succeeded: 2, failed: 0, cancelled: 0 });
  expect(await reader.unfinishedCalls(functionId)).toMatchObject([
    { callId, cancelAsked: false, counts: { succeeded: 2, failed: 0, cancelled: 0 } },
  ]);
});

test("it stands between the facts before it and those after it, though all were appended in one breath", async () => {
  const callId = newId();
  const order: string[] = [];
  const facts: Fact[] = [
    ...finishedCall(callId),
    { type: "callRetried", callId },
    output(callId, 1, OUTPUT_STATUS.succeeded),
    output(callId, 2, OUTPUT_STATUS.failed),
    { type: "callProgress", callId, counts: { succeeded: 3, failed: 1, cancelled: 0 } },
  ];
  for (const fact of facts) journal.append(owner, fact, () => order.push(fact.type));
  await store();
  expect(order).toEqual(facts.map(({ type }) => type));
  expect(await storedOf(callId)).toMatchObject({
    call: { state: "running", succeededCount: 3, failedCount: 1, cancelledCount: 0 },
    outputs: [
      [0, 0, 0],
      [1, 0, 1],
      [2, 1, 2],
      [4, 0, 4],
    ],
    attempts: RETRIED.attempts,
  });
});

test("written again, because nobody heard of its commit, it changes nothing", async () => {
  const callId = newId();
  await store(...finishedCall(callId));
  const session = await openPreparedSession(url);
  for (let time = 0; time < 3; time++) {
    await runTransaction(session, retrySteps(functionId, callId));
    expect(await storedOf(callId)).toMatchObject(RETRIED);
  }
  await session.end();
});

test("a running call, a call of another function and a call that is not there are left alone", async () => {
  const [running, foreign] = [newId(), newId()];
  await store(...finishedCall(running).slice(0, -1), ...finishedCall(foreign));
  const before = [await storedOf(running), await storedOf(foreign)];
  await store({ type: "callRetried", callId: running }, { type: "callRetried", callId: newId() });
  const session = await openPreparedSession(url);
  await runTransaction(session, retrySteps(newId(), foreign));
  await session.end();
  expect([await storedOf(running), await storedOf(foreign)]).toEqual(before);
});

test("a call is retried as often as somebody asks", async () => {
  const callId = newId();
  await store(...finishedCall(callId), { type: "callRetried", callId });
  const counts = { succeeded: 4, failed: 1, cancelled: 0 };
  await store(
    attemptFailed(callId, 1, 5, "failed"),
    output(callId, 1, OUTPUT_STATUS.failed),
    output(callId, 2, OUTPUT_STATUS.succeeded),
    output(callId, 3, OUTPUT_STATUS.succeeded),
    { type: "callFinished", callId, state: "failed", counts, finishedAtMs: 20 },
    { type: "callRetried", callId },
  );
  expect((await storedOf(callId)).attempts).toEqual([
    [1, 1, "retried", 101],
    [1, 3, "retried", 103],
    [1, 4, "retried", 1],
    [1, 5, "retried", 105],
    [1, 6, "retried", 1],
    [2, 1, "retried", 2],
    [4, 1, "failed", 101],
  ]);
});
