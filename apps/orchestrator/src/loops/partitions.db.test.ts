import { openDatabase } from "@bellows/db/client";
import { cloneTestDatabase } from "@bellows/db/testing";
import { newId } from "@bellows/protocol/ids";
import { afterAll, expect, test } from "vitest";
import { PartitionLoop, runPartitions } from "./partitions.ts";

const database = openDatabase(await cloneTestDatabase());
const { pool } = database;
afterAll(() => database.close());

const DAY_MS = 86_400_000;

test("days pass: new partitions come, those of more than a week ago go, and a second round finds nothing to do", async () => {
  const nowMs = Date.now();
  const later = await runPartitions(pool, nowMs + 9 * DAY_MS);
  expect(later.created).toHaveLength(5 * 7);
  expect(later.dropped).toHaveLength(3 * 7);
  const nothing = { created: [], dropped: [], kept: [], busy: [], containersDeleted: 0 };
  expect(await runPartitions(pool, nowMs + 9 * DAY_MS)).toEqual(nothing);
});

test("rows of containers go when they have been gone for a week", async () => {
  const nowMs = Date.now();
  for (const stoppedAtMs of [nowMs - 8 * DAY_MS, nowMs - 6 * DAY_MS, null]) {
    await pool.query(
      `insert into containers (id, function_id, deployment_id, driver, state, created_at_ms, stopped_at_ms)
       values ($1, $1, $1, 'process', 'stopped', 0, $2)`,
      [newId(), stoppedAtMs],
    );
  }
  expect((await runPartitions(pool, nowMs)).containersDeleted).toBe(1);
});

test("the loop survives a database that is away, and stops after the round in hand", async () => {
  const away = openDatabase("postgres://nobody@127.0.0.1:1/nothing");
  let loop: PartitionLoop | undefined;
  await new Promise<void>((failed) => {
    loop = new PartitionLoop({ pool: away.pool, now: Date.now, log: { info: () => {}, error: () => failed() } });
    loop.start();
  });
  await loop?.stop();
  await loop?.stop();
  await away.close();
});
