/**
 * The day partitions of the facts. Days are UTC days of the time inside the UUIDv7 key. Nothing here blocks readers or
 * writers: a new partition is made aside and attached; an old one is detached concurrently, which takes no lock that a
 * reader or writer of the table waits for, and then dropped alone. Killed at any point, the next run carries on.
 */
import { firstIdAt } from "@bellows/protocol/ids";
import type pg from "pg";
import { sqlStateOf } from "./connect.ts";

const DAY_MS = 86_400_000;
const PARTITION_LOCK = 7_237_121_002;
/** Of whom waits longer, somebody reads the partition: the next run tries again. */
const PATIENCE = "2s";
const LOCK_NOT_AVAILABLE = "55P03";
/** Another partition of the table is still being detached; there may be one at a time. */
const NOT_IN_PREREQUISITE_STATE = "55000";

/** Rows of a call live in the partitions of the day on which it was made. */
const CALL_TABLES = ["calls", "input_chunks", "outputs", "attempts"] as const;
const OTHER_TABLES = ["decisions", "logs", "function_stats"] as const;
const TABLES = [...CALL_TABLES, ...OTHER_TABLES];
type PartitionedTable = (typeof TABLES)[number];

export interface Partition {
  name: string;
  table: PartitionedTable;
  dayStartMs: number;
  /** `detaching` and `detached` are left by a run that was killed or gave up: nobody sees them in the table any more. */
  state: "attached" | "detaching" | "detached";
}

/** Makes the partitions from yesterday to three days ahead that are missing; returns their names. */
export async function ensurePartitions(pool: pg.Pool, nowMs: number): Promise<string[]> {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const wanted = [-1, 0, 1, 2, 3].flatMap((day) =>
    TABLES.map((table) => ({ table, dayStartMs: today + day * DAY_MS })),
  );
  const missing = await missingOf(pool, wanted);
  if (missing.length === 0) return [];
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [PARTITION_LOCK]);
    // Another orchestrator may have made them while this one waited for the lock.
    const stillMissing = await missingOf(client, missing);
    for (const { table, dayStartMs } of stillMissing) {
      const name = nameOf(table, dayStartMs);
      await client.query(
        `create table if not exists ${name} (like ${table} including defaults including constraints including storage)`,
      );
      await client.query(
        `alter table ${table} attach partition ${name} for values from ('${firstIdAt(dayStartMs)}') to ('${firstIdAt(dayStartMs + DAY_MS)}')`,
      );
    }
    await client.query("commit");
    return stillMissing.map(({ table, dayStartMs }) => nameOf(table, dayStartMs));
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/**
 * Drops the partitions whose whole day is older than `olderThanMs`. The day of a call that is not finished is kept: no
 * accepted input is lost to age. A partition that somebody is reading for long is left for the next run (`busy`).
 */
export async function dropPartitions(
  pool: pg.Pool,
  olderThanMs: number,
): Promise<{ dropped: string[]; kept: string[]; busy: string[] }> {
  const result = { dropped: [] as string[], kept: [] as string[], busy: [] as string[] };
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [PARTITION_LOCK]);
    const old = (await listPartitions(client)).filter(({ dayStartMs }) => dayStartMs + DAY_MS <= olderThanMs);
    const unfinishedDays = new Set<number>();
    for (const { table, name, dayStartMs, state } of old) {
      if (table === "calls" && state === "attached" && (await hasUnfinishedCall(client, name)))
        unfinishedDays.add(dayStartMs);
    }
    for (const partition of old) {
      if (unfinishedDays.has(partition.dayStartMs) && isCallTable(partition.table)) result.kept.push(partition.name);
      else if (await drop(client, partition)) result.dropped.push(partition.name);
      else result.busy.push(partition.name);
    }
    return result;
  } finally {
    // Ends the session, and with it the lock, whatever state it was left in.
    client.release(true);
  }
}

export async function listPartitions(client: pg.Pool | pg.ClientBase): Promise<Partition[]> {
  const { rows } = await client.query<{ name: string; state: Partition["state"] }>(
    `select child.relname as name,
       case when link.inhrelid is null then 'detached' when link.inhdetachpending then 'detaching' else 'attached' end as state
     from pg_class child left join pg_inherits link on link.inhrelid = child.oid
     where child.relkind = 'r' and child.relnamespace = current_schema()::regnamespace and child.relname ~ '_p[0-9]{8}$'
     order by link.inhdetachpending desc nulls last, child.relname`,
  );
  return rows.flatMap(({ name, state }) => {
    const table = TABLES.find((candidate) => name.length === candidate.length + 10 && name.startsWith(candidate));
    const day = name.slice(-8);
    const dayStartMs = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
    return table ? [{ name, table, dayStartMs, state }] : [];
  });
}

type Wanted = Pick<Partition, "table" | "dayStartMs">;

async function missingOf(client: pg.Pool | pg.ClientBase, wanted: Wanted[]): Promise<Wanted[]> {
  const attached = new Set((await listPartitions(client)).filter((p) => p.state === "attached").map((p) => p.name));
  return wanted.filter(({ table, dayStartMs }) => !attached.has(nameOf(table, dayStartMs)));
}

async function drop(client: pg.ClientBase, { name, table, state }: Partition): Promise<boolean> {
  try {
    await client.query(`set lock_timeout = '${PATIENCE}'`);
    if (state === "attached") await client.query(`alter table ${table} detach partition ${name} concurrently`);
    if (state === "detaching") await client.query(`alter table ${table} detach partition ${name} finalize`);
    await client.query(`drop table ${name}`);
    return true;
  } catch (error) {
    const code = sqlStateOf(error);
    if (code === LOCK_NOT_AVAILABLE || code === NOT_IN_PREREQUISITE_STATE) return false;
    throw error;
  }
}

async function hasUnfinishedCall(client: pg.ClientBase, partition: string): Promise<boolean> {
  const { rows } = await client.query<{ unfinished: boolean }>(
    `select exists (select from ${partition} where state = 'running') as unfinished`,
  );
  return rows[0]?.unfinished ?? false;
}

function isCallTable(table: PartitionedTable): boolean {
  return CALL_TABLES.some((candidate) => candidate === table);
}

function nameOf(table: PartitionedTable, dayStartMs: number): string {
  return `${table}_p${new Date(dayStartMs).toISOString().slice(0, 10).replaceAll("-", "")}`;
}
