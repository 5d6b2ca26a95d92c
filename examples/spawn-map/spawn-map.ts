/**
 * A large job that outlives the program that started it: `bellows run examples/spawn-map/spawn-map.ts -- 10000`. The
 * handle is an id: progress, single results and pages of results can be had from any program, while it runs and for
 * seven days after.
 */
import assert from "node:assert/strict";
import { App, MapCall, RemoteError } from "@bellows/sdk";

export const app = new App("spawn-map");

let isUp = false;

export const collatz = app.function(
  { maxContainers: 2, concurrent: { maxInputs: 100 }, scaledownWindow: "2s" },
  async (start: number) => {
    let steps = 0;
    for (let n = start; n > 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
    return steps;
  },
);

/** Fails for every hundredth number until it is told that the service it needs is up. */
export const unsteady = app.function({ maxContainers: 1, scaledownWindow: "10s" }, async (n: number, up: boolean) => {
  isUp ||= up;
  if (n % 100 === 0 && !isUp) throw new Error("the service is down");
  return n;
});

function* numbers(count: number) {
  for (let n = 1; n <= count; n++) yield n;
}

app.entrypoint(async (inputs = "10000") => {
  const count = Number(inputs);

  // The source is read as fast as it can be stored; this returns when all of it is.
  const job = await collatz.spawnMap(numbers(count));
  console.log(`${count} inputs are stored as call ${job.id}`);
  console.log(await job.progress());

  // Any program that has the id can read, here from the end.
  const same = MapCall.fromId<number>(job.id);
  const last: number[] = [];
  for await (const steps of same.results({ from: count - 10 })) last.push(steps);
  assert.equal(last.length, 10);
  assert.equal(await same.get(0), 0);
  assert.equal(await same.get(26), 111);

  // What failed can be tried again, in the same call.
  const firstTry = await unsteady.spawnMap([...numbers(200)], Array<boolean>(200).fill(false));
  const failures: unknown[] = [];
  for await (const outcome of firstTry.results({ returnExceptions: true })) {
    if (outcome instanceof RemoteError) failures.push(outcome.message);
  }
  assert.deepEqual(failures, ["the service is down", "the service is down"]);
  assert.equal((await firstTry.progress()).failed, 2);
  await unsteady.remote(0, true);
  assert.deepEqual(await firstTry.retryFailed(), { retried: 2 });
  assert.equal(await firstTry.get(99), 100);

  console.log("every number came down to one");
});
