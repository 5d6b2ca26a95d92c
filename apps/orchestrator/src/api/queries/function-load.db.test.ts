import { functionStats } from "@bellows/db/schema/function-stats";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { expect, test } from "vitest";
import type { MeterReading } from "../../metering/function-meter.ts";
import { testStack } from "../testing-stack.ts";
import { functionLoad } from "./function-load.ts";
import { rowsTouched, sumOf } from "./testing-cost.ts";

const stack = await testStack();
const { db, engines, verbs } = stack;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Of one function in a day, if it never rests. */
const READINGS = 8_640;
/** The begin of an hour of yesterday, whose partitions are there. */
const T = Math.floor(stack.now() / HOUR_MS) * HOUR_MS - 23 * HOUR_MS;

function reading(atMs: number, more: Partial<MeterReading> = {}): MeterReading {
  return {
    atMs,
    arrived: 0,
    arrivals: [],
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    queueMs: [],
    startMs: [],
    runMs: [],
    batchSizes: [],
    queuedMax: 0,
    runningMax: 0,
    containersMax: 0,
    ...more,
  };
}

async function store(functionId: string, ...readings: MeterReading[]): Promise<void> {
  await db.insert(functionStats).values(
    readings.map((of) => ({
      id: newId(of.atMs),
      functionId,
      ...of,
      queueMs: pairs(of.queueMs),
      startMs: pairs(of.startMs),
      runMs: pairs(of.runMs),
    })),
  );
}

function pairs(histogram: MeterReading["runMs"]): [number, number][] {
  return histogram.map(([belowMs, count]) => [belowMs, count]);
}

test("a short range comes in the ten seconds it was counted in; what others or other times did is not in it", async () => {
  const functionId = newId();
  await store(
    functionId,
    reading(T - 10_000, { arrived: 100 }),
    reading(T, { arrived: 4, succeeded: 3, failed: 1, runMs: [[4, 4]], queueMs: [[1, 4]], containersMax: 2 }),
    reading(T + 20_000, { arrived: 1, cancelled: 1, startMs: [[896, 1]], runningMax: 7, queuedMax: 9 }),
    reading(T + 15 * MINUTE_MS, { arrived: 100 }),
  );
  await store(newId(), reading(T, { arrived: 1_000 }));
  const { stepMs, points, total } = await verbs.functionLoad({ functionId, fromMs: T, toMs: T + 15 * MINUTE_MS });
  expect(stepMs).toBe(10_000);
  expect(points).toMatchObject([
    { atMs: T, arrived: 4, succeeded: 3, failed: 1, containersMax: 2, runMs: { p50: 3.5 }, startMs: { p50: null } },
    { atMs: T + 20_000, arrived: 1, cancelled: 1, runningMax: 7, queuedMax: 9, runMs: { p50: null } },
  ]);
  expect(total).toMatchObject({ arrived: 5, containersMax: 2, queuedMax: 9, waited: 4, started: 1, ran: 4 });
});

test("a long range comes in few steps, with counts added up and maxima kept", async () => {
  const functionId = newId();
  await store(
    functionId,
    ...Array.from({ length: 6 * 60 }, (_, index) =>
      reading(T + index * 10_000, {
        arrived: 2,
        runMs: [
          [1, 1],
          [index < 180 ? 112 : 1_024, 1],
        ],
        batchSizes: [[8, 1]],
        containersMax: index % 7,
      }),
    ),
  );
  const { stepMs, points, total } = await verbs.functionLoad({ functionId, fromMs: T, toMs: T + 24 * HOUR_MS });
  expect(stepMs).toBe(4 * MINUTE_MS);
  expect(points).toHaveLength(15);
  expect(points[0]).toMatchObject({ atMs: T, arrived: 48, containersMax: 6, batchSizes: [[8, 24]], runMs: { p50: 1 } });
  expect(total).toMatchObject({ arrived: 720, ran: 720, batchSizes: [[8, 360]] });
  expect(total.runMs.p99).toBeGreaterThan(896);
});

test("what is being counted now is the last step, and added to the one it falls into", async () => {
  const functionId = newId();
  await store(functionId, reading(T, { arrived: 1, queuedMax: 5 }));
  const range = { functionId, fromMs: T, toMs: T + HOUR_MS };
  engines.readings.set(functionId, reading(T + 10_000, { arrived: 3 }));
  expect((await verbs.functionLoad(range)).points).toMatchObject([{ arrived: 1 }, { atMs: T + 10_000, arrived: 3 }]);
  engines.readings.set(functionId, reading(T, { arrived: 3 }));
  expect((await verbs.functionLoad(range)).points).toMatchObject([{ atMs: T, arrived: 4, queuedMax: 5 }]);
  engines.readings.set(functionId, reading(T + HOUR_MS, { arrived: 3 }));
  expect((await verbs.functionLoad(range)).total.arrived).toBe(1);
});

test("nothing that happened is an empty answer, and a range without time is refused", async () => {
  const range = { functionId: newId(), fromMs: T, toMs: T + 1 };
  expect(await verbs.functionLoad(range)).toMatchObject({ points: [], total: { arrived: 0, ran: 0 } });
  await expect(verbs.functionLoad({ ...range, toMs: T })).rejects.toThrow("is not after fromMs");
});

test("a range may be as long as load is kept, and no longer", async () => {
  const range = { functionId: newId(), fromMs: T, toMs: T + LIMITS.retentionMs };
  expect(await verbs.functionLoad(range)).toMatchObject({ points: [] });
  await expect(verbs.functionLoad({ ...range, toMs: range.toMs + 1 })).rejects.toThrow(
    `fromMs ${T} to toMs ${range.toMs + 1} is more than 7 days, and load is kept for 7 days; give a shorter range`,
  );
});

test("a busy day is added up in one pass over its index", async () => {
  const [functionId, other] = [newId(), newId()];
  const { pool } = stack;
  // Beside them are another function's, and those of the hour before.
  for (const [number, id] of [functionId, other].entries()) {
    await pool.query(
      `insert into function_stats (id, function_id, at_ms, arrived, arrivals, succeeded, failed, cancelled, queue_ms, start_ms,
         run_ms, batch_sizes, queued_max, running_max, containers_max)
       select (lpad(to_hex(at_ms), 12, '0') || '7000' || '8000' || lpad(to_hex(at_ms % 1000000), 11, '0') || $3::text)::uuid, $1,
         at_ms, 100, '[]', 100, 0, 0, buckets, '[]', buckets, '[]', 5, 5, 5
       from generate_series($2::bigint - 3600000, $2::bigint + 86399999, 10000) as at_ms,
         (select jsonb_agg(jsonb_build_array(n * n, 3)) as buckets from generate_series(1, 25) as n) as histogram`,
      [id, T, number],
    );
  }
  await pool.query("analyze function_stats");
  const range = { functionId, fromMs: T, toMs: T + 24 * HOUR_MS };
  const { points, total } = await verbs.functionLoad(range);
  expect(points).toHaveLength(360);
  expect(total).toMatchObject({ arrived: 864_000, ran: 648_000 });

  const run = { ...range, retentionMs: LIMITS.retentionMs };
  const [touched = new Map(), ...more] = await rowsTouched(pool, (db) => functionLoad({ db, engines, ...run }, run));
  expect(more).toEqual([]);
  const stored = [...touched].filter(([relation]) => relation?.startsWith("function_stats"));
  expect(stored.reduce((sum, [, rows]) => sum + rows, 0)).toBe(READINGS);
  // Each of them twice more, its two histograms of 25 sizes, and for each of the 360 points a look at all of them.
  expect(sumOf(touched)).toBeLessThan(READINGS * (1 + 2 + 4 + 2 * 25) + 3 * 360 * 360);
});
