/**
 * Batches as they really go out: callers that come at random, from now and then to more than can be done, each with one
 * `remote()`. Beside each rate stands the ideal for the very same arrivals: a server that costs nothing, with the fixed
 * delay that turns out best afterwards.
 */
import { setTimeout as delay } from "node:timers/promises";
import { BATCHING, MOST_PER_SECOND } from "../batching/kernel.ts";
import { bestFixedDelay } from "../batching/simulated.ts";
import { type Load, poisson } from "../batching/workload.ts";
import type { Bed } from "../bed.ts";
import { bounded, compared, type Line, percentile } from "../figure.ts";

const RATES = [5, 50, 200, 300];
const SECONDS = 8;
/** Waiting in the server beyond `waitMs` may be so long, for timers and messages. */
const SLACK_MS = 5;
const BACKLOG = 4_000;

export async function batchingFigures(bed: Bed): Promise<Line[]> {
  await bed.handle("kernel").remote(0);
  const lines: Line[] = [];
  for (const rate of RATES) lines.push(...(await atRate(bed, poisson(rate, SECONDS))));
  return [...lines, ...(await backlog(bed))];
}

async function atRate({ handle }: Bed, load: Load): Promise<Line[]> {
  const kernel = handle("kernel");
  const beganAt = performance.now();
  const answers = await Promise.all(
    load.atMs.map(async (atMs) => {
      await delay(beganAt + atMs - performance.now());
      const calledAt = performance.now();
      const size = await kernel.remote(0);
      return { size, latencyMs: performance.now() - calledAt };
    }),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const latencies = answers.map(({ latencyMs }) => latencyMs);
  const ideal = bestFixedDelay(load);
  // Each batch of n is n answers of n.
  const batches = answers.reduce((sum, { size }) => sum + 1 / size, 0);
  return [
    compared(
      { name: `batching, ${load.name}: mean latency`, value: mean(latencies), unit: "ms" },
      { name: "the ideal", value: ideal.meanMs },
      "less",
    ),
    { name: `batching, ${load.name}: p95 latency`, value: percentile(latencies, 0.95), unit: "ms" },
    compared(
      { name: `batching, ${load.name}: inputs in a batch`, value: answers.length / batches, unit: "" },
      { name: "the ideal", value: ideal.meanBatch },
      "more",
    ),
  ];
}

/** A backlog that is there from the beginning: batches are full, and follow each other. */
async function backlog(bed: Bed): Promise<Line[]> {
  const { handle, database } = bed;
  const call = await handle("kernel").spawnMap(Array.from({ length: BACKLOG }, (_, index) => index));
  const sizes: number[] = [];
  for await (const size of call.results()) sizes.push(size);
  const { rows } = await database.query<{ ms: number }>(
    `select max(finished_at_ms)::float - min(started_at_ms)::float as ms from outputs where call_id = $1`,
    [call.id],
  );
  const perSecond = (1_000 * BACKLOG) / (rows[0]?.ms ?? Number.NaN);
  return [
    compared(
      { name: "batching, a backlog", value: perSecond, unit: "inputs/s" },
      { name: "full batches one after the other", value: MOST_PER_SECOND },
      "more",
    ),
    compared(
      {
        name: "batching, a backlog: inputs in a batch",
        value: BACKLOG / sizes.reduce((sum, size) => sum + 1 / size, 0),
        unit: "",
      },
      { name: "maxBatchSize", value: BATCHING.maxBatchSize },
      "more",
      0.99,
    ),
    await longestWait(bed),
  ];
}

/** One that waits for others in vain as long as it may: the source of its map is still being read. From the call to the run. */
async function longestWait({ handle, database }: Bed): Promise<Line> {
  const waits: number[] = [];
  for (let round = 0; round < 20; round++) {
    const calledAtMs = Date.now();
    for await (const _ of handle("kernel").map(oneAndNoMore()));
    const { rows } = await database.query<{ ms: number }>(`select max(started_at_ms)::float as ms from outputs`);
    waits.push((rows[0]?.ms ?? Number.NaN) - calledAtMs);
  }
  const longest = { name: "batching: longest wait for others who never come", value: Math.max(...waits), unit: "ms" };
  return bounded(longest, BATCHING.waitMs + SLACK_MS);
}

async function* oneAndNoMore(): AsyncGenerator<number> {
  yield 0;
  await delay(4 * BATCHING.waitMs);
}
