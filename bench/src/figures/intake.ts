/** How fast the inputs of one durable call are stored while its only container is busy. */
import type { Bed } from "../bed.ts";
import { compared, type Figure } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { graphileIntake, withGraphileQueue } from "../peers/graphile-worker.ts";
import { requireInputs, spawnMap } from "../spawn-map.ts";

const INPUTS = 1_000_000;
/** Its rate does not depend on the number. */
const PEER_JOBS = 200_000;

export async function intakeFigures(bed: Bed): Promise<Figure[]> {
  await holdContainer(bed);
  const startedAt = performance.now();
  const { callId, stored } = spawnMap(bed, "noop", INPUTS);
  await stored;
  const value = INPUTS / ((performance.now() - startedAt) / 1_000);
  await requireInputs(bed, callId, INPUTS);
  const peer = await withGraphileQueue(bed.databaseUrl, (queue) => graphileIntake(queue, PEER_JOBS));
  const own = { name: "intake of 1,000,000 inputs", value, unit: "inputs/s" };
  return [compared(own, { name: "graphile-worker addJobs", value: peer }, "more")];
}
