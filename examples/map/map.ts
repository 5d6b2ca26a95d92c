/**
 * Calling a function for each item of a source, which may be endless: results in order or as they come, errors that end
 * it or do not, progress, and ways to stop: `bellows run examples/map/map.ts`.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { App, CancelledError, currentSignal, type MapProgress, RemoteError } from "@bellows/sdk";
import { until } from "../until.ts";

export const app = new App("map");

const options = { maxContainers: 1, concurrent: { maxInputs: 8 }, scaledownWindow: "2s" } as const;

export const root = app.function(options, async (n: number) => {
  if (n < 0) throw new RangeError(`${n} has no root`);
  return Math.sqrt(n);
});

export const nap = app.function(options, async (ms: number) => {
  await delay(ms, undefined, { signal: currentSignal() });
  return ms;
});

let read = 0;

async function* squares() {
  for (let n = 0; ; n++) {
    read += 1;
    yield n * n;
  }
}

app.entrypoint(async () => {
  // An endless source is read only as far ahead as results are taken. Leaving the loop ends it all.
  const roots: number[] = [];
  for await (const n of root.map(squares())) {
    if (roots.push(n) === 2_000) break;
  }
  assert.equal(roots.at(-1), 1_999);
  assert(read <= 2_000 + 1_000, `${read} were read for 2,000 results`);
  await until("nothing of it runs", async () => {
    const { backlog, numRunningInputs } = await root.stats();
    return backlog + numRunningInputs === 0;
  });

  // In the order of the inputs, or as they come.
  assert.deepEqual(await nap.map([1_000, 10]).toArray(), [1_000, 10]);
  assert.deepEqual(await nap.map([1_000, 10], { ordered: false }).toArray(), [10, 1_000]);

  // How far it is.
  let told: MapProgress | undefined;
  const onProgress = (progress: MapProgress) => {
    told = progress;
  };
  await root.map([1, -1, 4], { returnExceptions: true, onProgress }).toArray();
  assert.deepEqual(told, { sent: 3, succeeded: 2, failed: 1, total: 3 });

  // Stopped by a signal.
  const soon = { signal: AbortSignal.timeout(300) };
  await assert.rejects(nap.map([60_000, 60_000], soon).toArray(), CancelledError);

  // For the effect alone: the first failure ends it, unless it is told to go on.
  await assert.rejects(root.forEach([1, -1, 4]), RemoteError);
  await root.forEach([1, -1, 4, 9], { ignoreExceptions: true, onProgress });
  assert.deepEqual(told, { sent: 4, succeeded: 3, failed: 1, total: 4 });
  await assert.rejects(nap.forEach([60_000], { signal: AbortSignal.timeout(300) }), CancelledError);

  console.log("every map did what it was told");
});
