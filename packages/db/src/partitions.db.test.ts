import { newId } from "@bellows/protocol/ids";
import { afterAll, expect, test } from "vitest";
import { openDatabase } from "./client.ts";
import { dropPartitions, ensurePartitions, listPartitions } from "./partitions.ts";
import { cloneTestDatabase } from "./testing.ts";

const database = openDatabase(await cloneTestDatabase());
const { pool } = database;
afterAll(() => database.close());

const DAY_MS = 86_400_000;
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;

async function daysOf(table: string): Promise<number[]> {
  const partitions = await listPartitions(pool);
  return partitions
    .filter((p) => p.table === table && p.state === "attached")
    .map((p) => (p.dayStartMs - TODAY) / DAY_MS);
}

async function insertCall(timeMs: number, state: string): Promise<string> {
  const id = newId(timeMs);
  await pool.query(
    `insert into calls (id, function_id, app_id, environment_id, kind, state, received_count, succeeded_count, failed_count, cancelled_count)
     values ($1, $1, $1, $1, 'remote', $2, 1, 0, 0, 0)`,
    [id, state],
  );
  return id;
}

test("there are partitions from yesterday to three days ahead, made once however many ask", async () => {
  expect(await daysOf("outputs")).toEqual([-1, 0, 1, 2, 3]);
  const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(pool, TODAY + DAY_MS)));
  expect(made.flat()).toHaveLength(7);
  expect(await daysOf("outputs")).toEqual([-1, 0, 1, 2, 3, 4]);
  expect(await ensurePartitions(pool, TODAY + DAY_MS)).toEqual([]);
});

test("the first and the last id of a day go where they belong", async () => {
  for (const [timeMs, day] of [
    [TODAY, 0],
    [TODAY + DAY_MS - 1, 0],
    [TODAY + DAY_MS, 1],
  ] as const) {
    const id = await insertCall(timeMs, "succeeded");
    const { rows } = await pool.query<{ name: string }>(
      "select tableoid::regclass::text as name from calls where id = $1",
      [id],
    );
    expect(rows[0]?.name).toBe(
      `calls_p${new Date(TODAY + day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", "")}`,
    );
  }
});

test("making partitions waits for no writer", async () => {
  const writer = await pool.connect();
  await writer.query("begin");
  await writer.query("lock table calls in row exclusive mode");
  expect(await ensurePartitions(pool, TODAY + 10 * DAY_MS)).toHaveLength(7 * 5);
  await writer.query("rollback");
  writer.release();
});

test("old days are dropped, except those of a call that is not finished", async () => {
  const [old, busy] = [TODAY - 20 * DAY_MS, TODAY - 30 * DAY_MS];
  await ensurePartitions(pool, old);
  await ensurePartitions(pool, busy);
  await insertCall(old, "succeeded");
  const unfinished = await insertCall(busy, "running");
  const { dropped, kept } = await dropPartitions(pool, TODAY - 7 * DAY_MS);
  expect(kept).toHaveLength(4);
  expect(dropped).toHaveLength(2 * 5 * 7 - 4);
  expect(await daysOf("calls")).toContain(-30);
  expect(await daysOf("calls")).not.toContain(-20);
  expect(await daysOf("logs")).not.toContain(-30);

  await pool.query("update calls set state = 'succeeded' where id = $1", [unfinished]);
  expect((await dropPartitions(pool, TODAY - 7 * DAY_MS)).dropped).toHaveLength(4);
});

const OLD = TODAY - 20 * DAY_MS;

function oldPartitionOf(table: string): string {
  return `${table}_p${new Date(OLD).toISOString().slice(0, 10).replaceAll("-", "")}`;
}

test("a day that somebody reads is left for the next round, and a half-dropped one is finished", async () => {
  await ensurePartitions(pool, OLD);
  const name = oldPartitionOf("logs");
  const reader = await pool.connect();
  await reader.query("begin");
  await reader.query(`select from ${name}`);
  const first = await dropPartitions(pool, TODAY - 7 * DAY_MS);
  expect(first.busy).toContain(name);
  expect(await daysOf("logs")).not.toContain(-20);
  await reader.query("rollback");
  reader.release();
  // That of the day after had to wait for it: a table lets go of one day at a time.
  expect((await dropPartitions(pool, TODAY - 7 * DAY_MS)).dropped).toEqual(expect.arrayContaining(first.busy));

  await ensurePartitions(pool, OLD);
  await pool.query(`alter table logs detach partition ${name}`);
  expect((await dropPartitions(pool, TODAY - 7 * DAY_MS)).dropped).toContain(name);
  expect((await listPartitions(pool)).filter(({ dayStartMs }) => dayStartMs === OLD)).toEqual([]);
});

test("while a drop waits for somebody who reads the table, nobody else waits for a lock", async () => {
  await ensurePartitions(pool, OLD);
  const reader = await pool.connect();
  await reader.query("begin isolation level repeatable read");
  await reader.query("select from outputs limit 1");
  let dropping = true;
  const round = dropPartitions(pool, TODAY - 7 * DAY_MS).finally(() => {
    dropping = false;
  });
  const other = await pool.connect();
  await other.query("set lock_timeout = '20ms'");
  let whileItWaited = 0;
  while (dropping) {
    const { rows } = await other.query<{ waiting: boolean }>(
      "select exists (select from pg_locks where not granted and locktype = 'virtualxid') as waiting",
    );
    await other.query("insert into outputs select * from outputs where false");
    await other.query("select from outputs where call_id = $1", [newId()]);
    const written = newId();
    await other.query(
      `insert into outputs (call_id, idx, status, attempts, queued_at_ms, finished_at_ms, payload)
       values ($1, 0, 0, 1, 1, 1, '')`,
      [written],
    );
    if (rows[0]?.waiting) whileItWaited += 1;
  }
  other.release();
  expect(whileItWaited).toBeGreaterThan(10);
  expect((await round).busy).toContain(oldPartitionOf("outputs"));
  await reader.query("rollback");
  reader.release();
  expect((await dropPartitions(pool, TODAY - 7 * DAY_MS)).busy).toEqual([]);
});
