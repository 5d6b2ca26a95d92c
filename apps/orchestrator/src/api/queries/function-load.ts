/**
 * What a function did between two times, for a chart: its readings added up in steps, so that an answer has about as many
 * points as a screen has room for, whatever the range. The ten seconds that are being counted now are the last of them.
 */
import { inDays } from "@bellows/protocol/duration";
import { InvalidError } from "@bellows/protocol/errors";
import { firstIdAt } from "@bellows/protocol/ids";
import type { LoadPoint, LoadTotal, LoadView } from "@bellows/protocol/load-views";
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../../engine/engines.ts";
import { METER_WINDOW_MS, type MeterReading } from "../../metering/function-meter.ts";
import { addHistograms, countOf, type Histogram, quantilesOf } from "../../metering/histogram.ts";
import type { LoadRange } from "../verbs.ts";

const MOST_POINTS = 360;
const MINUTE_MS = 60_000;
/** Steps that people count in; longer ranges take multiples of the last. */
const STEPS_MS = [METER_WINDOW_MS, 30_000, MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS];
const LONGEST_STEP_MS = 30 * MINUTE_MS;

/** What is added up: a reading, or several. */
type Sum = Omit<MeterReading, "arrivals">;

interface Deps {
  db: NodePgDatabase;
  engines: Pick<Engines, "reading">;
  retentionMs: number;
}

/** @throws InvalidError when the range ends before it begins, or is longer than anything is kept. */
export async function functionLoad(
  { db, engines, retentionMs }: Deps,
  { functionId, fromMs, toMs }: LoadRange,
): Promise<LoadView> {
  if (toMs <= fromMs)
    throw new InvalidError(`toMs: ${toMs} is not after fromMs ${fromMs}; give a range that has time in it`);
  if (toMs - fromMs > retentionMs) {
    const kept = inDays(retentionMs);
    throw new InvalidError(
      `fromMs ${fromMs} to toMs ${toMs} is more than ${kept}, and load is kept for ${kept}; give a shorter range`,
    );
  }
  const stepMs = stepOf(toMs - fromMs);
  const steps = await storedSteps(db, { functionId, fromMs, toMs }, stepMs);
  const now = engines.reading(functionId);
  if (now && now.atMs >= fromMs && now.atMs < toMs) {
    const atMs = now.atMs - (now.atMs % stepMs);
    const last = steps.at(-1);
    if (last?.atMs === atMs) steps[steps.length - 1] = added(atMs, [last, now]);
    else steps.push({ ...now, atMs });
  }
  return { stepMs, points: steps.map(pointOf), total: totalOf(added(fromMs, steps)) };
}

function stepOf(spanMs: number): number {
  const wantedMs = spanMs / MOST_POINTS;
  return STEPS_MS.find((stepMs) => stepMs >= wantedMs) ?? Math.ceil(wantedMs / LONGEST_STEP_MS) * LONGEST_STEP_MS;
}

/** Added up by Postgres: a day of a busy function is 8,640 rows, too many to parse in a process that has work to do. */
async function storedSteps(
  db: NodePgDatabase,
  { functionId, fromMs, toMs }: LoadRange,
  stepMs: number,
): Promise<Sum[]> {
  const { rows } = await db.execute<
    Omit<Sum, "queueMs" | "startMs" | "runMs" | "batchSizes"> & { pairs: Pairs | null }
  >(sql`
    with readings as materialized (
      select *, at_ms / ${stepMs}::bigint * ${stepMs}::bigint as step_at from function_stats
      where function_id = ${functionId} and id >= ${firstIdAt(fromMs)} and id < ${firstIdAt(toMs)}
    ), counts as (
      select step_at, kind, (pair ->> 0)::bigint as size, sum((pair ->> 1)::bigint)::float8 as count
      from readings
        cross join lateral (values ('queue', queue_ms), ('start', start_ms), ('run', run_ms), ('batch', batch_sizes)) as of (kind, counted)
        cross join lateral jsonb_array_elements(of.counted) as pair
      group by step_at, kind, size
    ), lists as (
      select step_at, kind, jsonb_agg(jsonb_build_array(size, count) order by size) as list from counts group by step_at, kind
    ), pairs as materialized (
      select step_at, jsonb_object_agg(kind, list) as pairs from lists group by step_at
    )
    select step_at::float8 as "atMs", sum(arrived)::float8 as arrived, sum(succeeded)::float8 as succeeded,
      sum(failed)::float8 as failed, sum(cancelled)::float8 as cancelled, max(queued_max) as "queuedMax",
      max(running_max) as "runningMax", max(containers_max) as "containersMax",
      (select pairs from pairs where pairs.step_at = readings.step_at) as pairs
    from readings group by step_at order by step_at`);
  return rows.map(({ pairs, ...numbers }) => ({
    ...numbers,
    queueMs: pairs?.queue ?? [],
    startMs: pairs?.start ?? [],
    runMs: pairs?.run ?? [],
    batchSizes: pairs?.batch ?? [],
  }));
}

interface Pairs {
  queue?: Histogram;
  start?: Histogram;
  run?: Histogram;
  batch?: [size: number, count: number][];
}

function added(atMs: number, sums: readonly Sum[]): Sum {
  const total = (key: "arrived" | "succeeded" | "failed" | "cancelled"): number =>
    sums.reduce((sum, of) => sum + of[key], 0);
  const highest = (key: "queuedMax" | "runningMax" | "containersMax"): number =>
    Math.max(0, ...sums.map((of) => of[key]));
  return {
    atMs,
    arrived: total("arrived"),
    succeeded: total("succeeded"),
    failed: total("failed"),
    cancelled: total("cancelled"),
    queueMs: addHistograms(sums.map(({ queueMs }) => queueMs)),
    startMs: addHistograms(sums.map(({ startMs }) => startMs)),
    runMs: addHistograms(sums.map(({ runMs }) => runMs)),
    batchSizes: addHistograms(sums.map(({ batchSizes }) => batchSizes)).map(([size, count]) => [size, count]),
    queuedMax: highest("queuedMax"),
    runningMax: highest("runningMax"),
    containersMax: highest("containersMax"),
  };
}

function pointOf(sum: Sum): LoadPoint {
  const { atMs, arrived, succeeded, failed, cancelled, queuedMax, runningMax, containersMax, batchSizes } = sum;
  return {
    atMs,
    arrived,
    succeeded,
    failed,
    cancelled,
    waitMs: quantilesOf(sum.queueMs),
    startMs: quantilesOf(sum.startMs),
    runMs: quantilesOf(sum.runMs),
    queuedMax,
    runningMax,
    containersMax,
    batchSizes,
  };
}

function totalOf(sum: Sum): LoadTotal {
  const { atMs: _, ...total } = pointOf(sum);
  return { ...total, waited: countOf(sum.queueMs), started: countOf(sum.startMs), ran: countOf(sum.runMs) };
}
