/**
 * How fast no-op inputs of one durable call are done, each with its own output committed. Twice: from the moment the
 * client begins to send them until Postgres has the last output (what is quoted: it counts the intake, too), and, as
 * with the queue beside it, from a full backlog.
 */
import type { Bed } from "../bed.ts";
import { compared, type Figure, percentile } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { type GraphileQueue, graphileDrain, graphileIntake, withGraphileQueue } from "../peers/graphile-worker.ts";
import { finished, requireOutputs, spawnMap } from "../spawn-map.ts";

const INPUTS = 200_000;
const RUNS = 3;

export async function drainFigures(bed: Bed): Promise<Figure[]> {
  await bed.handle("noop").remote();
  const fromIntake = await medianOf(() => drainFromIntake(bed));
  const fromBacklog = await medianOf(() => drainFromBacklog(bed));
  const ofPeer = await withGraphileQueue(bed.databaseUrl, (queue) => medianOf(() => drainOfPeer(queue)));
  const peer = { name: "graphile-worker", value: ofPeer };
  return [
    compared({ name: "drain of 200,000 inputs, intake included", value: fromIntake, unit: "inputs/s" }, peer, "more"),
    compared({ name: "drain of 200,000 stored inputs", value: fromBacklog, unit: "inputs/s" }, peer, "more"),
  ];
}

async function drainFromIntake(bed: Bed): Promise<number> {
  const startedAt = performance.now();
  const { callId } = spawnMap(bed, "noop", INPUTS);
  return rate(bed, callId, startedAt);
}

async function drainFromBacklog(bed: Bed): Promise<number> {
  const letGo = await holdContainer(bed);
  const { callId, stored } = spawnMap(bed, "noop", INPUTS);
  await stored;
  const startedAt = performance.now();
  await letGo();
  return rate(bed, callId, startedAt);
}

async function drainOfPeer(queue: GraphileQueue): Promise<number> {
  await graphileIntake(queue, INPUTS);
  return graphileDrain(queue, INPUTS);
}

async function rate(bed: Bed, callId: string, startedAt: number): Promise<number> {
  await finished(bed, callId);
  const seconds = (performance.now() - startedAt) / 1_000;
  await requireOutputs(bed, callId, INPUTS);
  return INPUTS / seconds;
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const rates: number[] = [];
  while (rates.length < RUNS) rates.push(await measure());
  return percentile(rates, 0.5);
}
