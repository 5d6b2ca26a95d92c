/**
 * A large job that outlives the program that started it: `bellows run examples/spawn-map/spawn-map.ts -- 10000`. The
 * handle is an id: progress, single results and pages of results can be had from any program, while it runs and for
 * seven days after.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { App, CancelledError, currentSignal, MapCall, RemoteError } from "@bellows/sdk";
import { until } from "../until.ts";

export const app = new App("spawn-map");

let isUp = false;

export const collatz = app.function(
  { maxContainers: 2, concurrent: { maxInputs: 100 }, scaledownWindow: "2s" },
  async (start: number) => stepsOf(start),
);

function stepsOf(start: number): number {
  let steps = 0;
  for (let n = start; n > 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
  return steps;
}

/** Fails for every hundredth number until it is told that the service it needs is up. */
export const unsteady = app.function({ maxContainers: 1, scaledownWindow: "10s" }, async (n: number, up: boolean) => {
  isUp ||= up;
  if (n % 100 === 0 && !isUp) {
    console.log(`${n} has to wait`);
    throw new Error("the service is down");
  }
  return n;
});

export const nap = app.function(
  { maxContainers: 1, concurrent: { maxInputs: 10 }, scaledownWindow: "2s" },
  async (ms: number) => delay(ms, ms, { signal: currentSignal() }),
);

function* numbers(count: number) {
  for (let n = 1; n <= count; n++) yield n;
}

async function* endless() {
  for (let n = 1; ; n++) yield await delay(10, n);
}

async function linesOf(call: MapCall<number>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of call.logs()) lines.push(text);
  return lines;
}

app.entrypoint(async (inputs = "10000") => {
  const count = Number(inputs);

  // The source is read as fast as it can be stored; this returns when all of it is.
  let stored = 0;
  const onProgress = (progress: { stored: number }) => {
    stored = progress.stored;
  };
  const job = await collatz.spawnMap(numbers(count), { onProgress });
  assert.equal(stored, count);
  console.log(`${count} inputs are stored as call ${job.id}`);
  console.log(await job.progress());

  // Any program that has the id can read, here from the end.
  const same = MapCall.fromId<number>(job.id);
  const last: number[] = [];
  for await (const steps of same.results({ from: count - 10 })) last.push(steps);
  assert.deepEqual(last, [...numbers(count)].slice(-10).map(stepsOf));
  assert.equal(await same.get(0), 0);
  assert.equal(await same.get(26), 111);
  await until("it has ended", async () => (await same.status()).state === "succeeded");
  const all = { total: count, succeeded: count, failed: 0, cancelled: 0, pending: 0 };
  assert.deepEqual(await same.progress(), { state: "succeeded", ...all });

  // What failed can be tried again, in the same call.
  const firstTry = await unsteady.spawnMap([...numbers(200)], Array<boolean>(200).fill(false));
  const failures: unknown[] = [];
  for await (const outcome of firstTry.results({ returnExceptions: true })) {
    if (outcome instanceof RemoteError) failures.push(outcome.message);
  }
  assert.deepEqual(failures, ["the service is down", "the service is down"]);
  await until("it has ended", async () => (await firstTry.progress()).failed === 2);
  await until("what it said is in the log", async () => (await linesOf(firstTry)).length === 2);
  assert.deepEqual((await linesOf(firstTry)).sort(), ["100 has to wait", "200 has to wait"]);
  await unsteady.remote(0, true);
  assert.deepEqual(await firstTry.retryFailed(), { retried: 2 });
  assert.equal(await firstTry.get(99), 100);

  // Ended by its handle: soon nothing of it runs any more. By a signal, only while it is being stored.
  const naps = await nap.spawnMap(Array<number>(1_000).fill(600_000));
  await until("some of it runs", async () => (await nap.stats()).numRunningInputs > 0);
  await naps.cancel();
  await until("nothing of it runs", async () => {
    const { backlog, numRunningInputs } = await nap.stats();
    return backlog + numRunningInputs === 0;
  });
  await assert.rejects(naps.get(0), CancelledError);
  const { state, cancelled } = await naps.progress();
  assert.deepEqual({ state, cancelled }, { state: "cancelled", cancelled: 1_000 });
  await assert.rejects(collatz.spawnMap(endless(), { signal: AbortSignal.timeout(100) }), CancelledError);

  console.log("every number came down to one");
});
