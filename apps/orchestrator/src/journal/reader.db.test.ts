import { ensurePartitions } from "@bellows/db/partitions";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { expect, test } from "vitest";
import type { Fact, StoredInput } from "./facts.ts";
import { testJournal } from "./testing-journal.ts";

const { pool, fn, reader, store } = await testJournal();
const { functionId, environmentId } = fn;

function opened(callId: string, idempotencyKey: string | null = null): Fact {
  const call = { callId, functionId, environmentId, idempotencyKey };
  return { type: "callOpened", ...call, kind: "spawnMap", inputCount: null, parent: null };
}

function chunk(callId: string, firstIndex: number, count: number, bytesEach = 4): Fact {
  const values = Array.from({ length: count }, (_, i) => Buffer.alloc(bytesEach, (firstIndex + i) % 251));
  return { type: "inputs", callId, firstIndex, values };
}

function output(callId: string, index: number, status: OutputStatus = 0, payload = new Uint8Array(3)): Fact {
  const times = { queuedAtMs: 1, startedAtMs: 2, finishedAtMs: 3 };
  return { type: "output", callId, index, status, payload, attempts: 1, containerId: null, ...times };
}

async function readAll(callId: string, from: number, limit: number) {
  const inputs: StoredInput[] = [];
  const finished = { succeeded: 0, failed: 0, cancelled: 0 };
  let answers = 0;
  for (let next = from; ; answers++) {
    const answer = await reader.inputsWithoutOutput(callId, next, limit);
    if (answer.nextIndex === next) return { inputs, finished, answers, nextIndex: next };
    inputs.push(...answer.inputs);
    for (const key of ["succeeded", "failed", "cancelled"] as const) finished[key] += answer.finished[key];
    next = answer.nextIndex;
  }
}

test("unfinished calls come oldest first, with what is stored of them", async () => {
  const [first, second, third] = [newId(), newId(), newId()];
  await store(opened(third), opened(first), opened(second), chunk(second, 0, 5), chunk(second, 5, 2));
  const counts = { succeeded: 0, failed: 0, cancelled: 0 };
  await store({ type: "callFinished", callId: first, state: "cancelled", counts, finishedAtMs: 1 });
  const progress = { succeeded: 3, failed: 2, cancelled: 1 };
  await store(
    { type: "callClosed", callId: third, inputCount: 9 },
    { type: "callCancelAsked", callId: third, atMs: 1 },
    { type: "callProgress", callId: third, counts: progress },
  );
  const running = { functionId, kind: "spawnMap", state: "running", counts, cancelAsked: false, parent: null };
  expect(await reader.unfinishedCalls(functionId)).toEqual([
    { ...running, callId: second, inputCount: null, storedCount: 7 },
    { ...running, callId: third, inputCount: 9, storedCount: 0, counts: progress, cancelAsked: true },
  ]);
  expect(await reader.call(first)).toEqual({
    callId: first,
    functionId,
    kind: "spawnMap",
    state: "cancelled",
    inputCount: null,
    storedCount: 0,
    counts,
    cancelAsked: false,
    parent: null,
  });
  expect(await reader.call(newId())).toBeUndefined();
});

test("an idempotency key finds its newest call, for a day", async () => {
  const yesterdayMs = Date.now() - 25 * 3_600_000;
  // In the first hour of a day that was the day before yesterday.
  await ensurePartitions(pool, yesterdayMs);
  const [yesterday, today] = [newId(yesterdayMs), newId()];
  await store(opened(yesterday, "monthly\0report"));
  expect(await reader.callByIdempotencyKey(functionId, "monthly\0report")).toBeUndefined();
  await store(opened(today, "monthly\0report"));
  expect(await reader.callByIdempotencyKey(functionId, "monthly\0report")).toBe(today);
  expect(await reader.callByIdempotencyKey(newId(), "monthly\0report")).toBeUndefined();
});

test("every stored input without an output is read once, in order, with its failed attempts", async () => {
  const callId = newId();
  await store(opened(callId), chunk(callId, 0, 512), chunk(callId, 512, 512), chunk(callId, 1_024, 100));
  const done = [0, 1, 511, 600, 1_123];
  await store(...done.map((index) => output(callId, index, index === 600 ? OUTPUT_STATUS.failed : 0)));
  const failure = { containerId: newId(), startedAtMs: 1, finishedAtMs: 2, error: new Uint8Array(1) };
  await store(
    { type: "attemptFailed", callId, index: 7, attempt: 1, outcome: "failed", ...failure },
    { type: "attemptFailed", callId, index: 7, attempt: 2, outcome: "lost", ...failure },
    { type: "attemptFailed", callId, index: 7, attempt: 5, outcome: "lost", ...failure },
  );
  const { inputs, finished, nextIndex } = await readAll(callId, 0, 100);
  expect(nextIndex).toBe(1_124);
  expect(finished).toEqual({ succeeded: 4, failed: 1, cancelled: 0 });
  expect(inputs.map((input) => input.index)).toEqual(
    Array.from({ length: 1_124 }, (_, i) => i).filter((i) => !done.includes(i)),
  );
  const untried = { failedAttempts: 0, lostAttempts: 0, lastAttempt: 0 };
  const tried = { failedAttempts: 1, lostAttempts: 2, lastAttempt: 5 };
  for (const { index, value, ...attempts } of inputs) {
    expect(value).toEqual(Buffer.alloc(4, index % 251));
    expect(attempts).toEqual(index === 7 ? tried : untried);
  }
});

test("reading on from the middle of a chunk counts from there", async () => {
  const callId = newId();
  await store(opened(callId), chunk(callId, 0, 10), output(callId, 2), output(callId, 8));
  const answer = await reader.inputsWithoutOutput(callId, 5, 100);
  expect(answer.inputs.map((input) => input.index)).toEqual([5, 6, 7, 9]);
  expect(answer.nextIndex).toBe(10);
  expect(answer.finished).toEqual({ succeeded: 1, failed: 0, cancelled: 0 });
});

test("nothing stored from there on: nothing, and no progress", async () => {
  const callId = newId();
  await store(opened(callId), chunk(callId, 0, 3));
  const nothing = { inputs: [], finished: { succeeded: 0, failed: 0, cancelled: 0 } };
  expect(await reader.inputsWithoutOutput(callId, 3, 10)).toEqual({ ...nothing, nextIndex: 3 });
  expect(await reader.inputsWithoutOutput(newId(), 0, 10)).toEqual({ ...nothing, nextIndex: 0 });
});

test("many small chunks and a few huge ones are both read in bounded answers", async () => {
  const trickle = newId();
  await store(opened(trickle), ...Array.from({ length: 300 }, (_, i) => chunk(trickle, i, 1)));
  const small = await readAll(trickle, 0, 1_000);
  expect(small.inputs).toHaveLength(300);

  const heavy = newId();
  const heavyChunks = Array.from({ length: 5 }, (_, i) => chunk(heavy, i, 1, 5 * 1024 * 1024));
  await store(opened(heavy), ...heavyChunks);
  const first = await reader.inputsWithoutOutput(heavy, 0, 1_000);
  expect(first.inputs).toHaveLength(2);
  expect((await readAll(heavy, 0, 1_000)).inputs).toHaveLength(5);
});

test("outputs come by index, bounded in number and in bytes, until an empty answer", async () => {
  const callId = newId();
  const megabytes = new Uint8Array(5 * 1024 * 1024);
  await store(output(callId, 3), output(callId, 1, OUTPUT_STATUS.failed), output(callId, 2, 0, megabytes));
  await store(output(callId, 4, 0, megabytes), output(callId, 5));
  expect((await reader.outputs(callId, 2, 2)).map((row) => row.index)).toEqual([2, 3]);
  expect((await reader.outputs(callId, 0, 100)).map((row) => row.index)).toEqual([1, 2, 3, 4]);
  expect(await reader.outputs(callId, 1, 1)).toEqual([
    { index: 1, status: OUTPUT_STATUS.failed, payload: Buffer.alloc(3), attempts: 1, containerId: null },
  ]);
  expect(await reader.outputs(callId, 6, 100)).toEqual([]);
});
