/** The journal while Postgres is taken away under it: nothing is lost, nothing is there twice, the order is kept. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "@bellows/db/client";
import { connect } from "@bellows/db/connect";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@bellows/db/embedded";
import { migrateDatabase } from "@bellows/db/migrate";
import { ensurePartitions } from "@bellows/db/partitions";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fact, OwnerEpoch } from "./facts.ts";
import { Ownership } from "./ownership.ts";
import { insertTestFunction, type TestFunction } from "./test-function.ts";
import { JournalWriter } from "./writer.ts";

let folder: string;
let server: EmbeddedPostgres;
let database: Database;
let ownership: Ownership;
let fn: TestFunction;
let owner: OwnerEpoch;
let journal: JournalWriter;
const unexpected: unknown[] = [];
let troubles = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellows-journal-"));
  server = await startEmbeddedPostgres({ folder, durable: false, ownProcessGroup: false });
  const { url } = server;
  await migrateDatabase(url);
  database = openDatabase(url);
  const { pool } = database;
  await ensurePartitions(pool, Date.now());
  fn = await insertTestFunction(database);
  const now = Date.now;
  ownership = new Ownership({ url, pool, orchestratorId: newId(), now, onLost: (lost) => unexpected.push(lost) });
  owner = await ownership.acquire(fn.functionId);
  journal = new JournalWriter({
    url,
    pool,
    now,
    onStale: (stale) => unexpected.push(stale),
    onRejected: (_owner, fact) => unexpected.push(fact),
    onTrouble: () => {
      troubles += 1;
    },
  });
  journal.start();
});

afterAll(async () => {
  await journal.stop();
  await ownership.stop();
  await database.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Appends outputs and log lines without a break until `disturb` has ended, then checks that each is there once. */
async function writeWhile(disturb: () => Promise<void>): Promise<void> {
  const callId = newId();
  const containerId = newId();
  const committed: number[] = [];
  let appended = 0;
  let disturbing = true;
  const { functionId } = fn;
  const done = disturb().finally(() => {
    disturbing = false;
  });
  while (disturbing) {
    for (let i = 0; i < 64; i++) {
      const index = appended++;
      journal.append(
        owner,
        {
          type: "output",
          callId,
          index,
          status: OUTPUT_STATUS.succeeded,
          payload: new Uint8Array(100),
          attempts: 1,
          containerId: null,
          queuedAtMs: 1,
          startedAtMs: 2,
          finishedAtMs: 3,
        },
        () => committed.push(index),
      );
      const atMs = Date.now();
      journal.append(owner, { type: "log", functionId, containerId, atMs, stream: "stdout", callId, index, text: "." });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await done;
  await new Promise<void>((resolve) => journal.barrier(resolve));
  expect(committed).toEqual(Array.from({ length: appended }, (_, i) => i));
  const { rows } = await database.pool.query(
    `select (select count(*)::int from outputs where call_id = $1) as outputs,
       (select count(*)::int from logs where container_id = $2) as logs,
       (select count(distinct idx)::int from logs where container_id = $2) as lines`,
    [callId, containerId],
  );
  expect(rows).toEqual([{ outputs: appended, logs: appended, lines: appended }]);
  expect(unexpected).toEqual([]);
}

test("its connection is cut again and again in the middle of writing", async () => {
  troubles = 0;
  await writeWhile(async () => {
    const admin = await connect(server.url);
    for (let cuts = 0; cuts < 15; ) {
      const { rows } = await admin.query<{ cut: boolean }>(
        "select pg_terminate_backend(pid) as cut from pg_stat_activity where application_name = 'bellows journal' and state = 'active'",
      );
      cuts += rows.filter((row) => row.cut).length;
    }
    await admin.end();
  });
  expect(troubles).toBeGreaterThan(0);
});

test("calls are cancelled and retried while its connection is cut: each retry counts once", async () => {
  const { functionId, environmentId } = fn;
  const admin = await connect(server.url);
  const callIds: string[] = [];
  for (let cuts = 0; cuts < 15; ) {
    const callId = newId();
    callIds.push(callId);
    const call = { callId, functionId, environmentId, idempotencyKey: null, parent: null };
    const ended = { callId, attempts: 1, containerId: functionId, queuedAtMs: 1, startedAtMs: 2, finishedAtMs: 3 };
    const facts: Fact[] = [
      { type: "callOpened", ...call, kind: "spawn", inputCount: 1 },
      { type: "inputs", callId, firstIndex: 0, values: [new Uint8Array(1)] },
      { type: "callCancelAsked", callId, atMs: 1 },
      { type: "output", ...ended, index: 0, status: OUTPUT_STATUS.failed, payload: new Uint8Array(1) },
      {
        type: "callFinished",
        callId,
        state: "failed",
        counts: { succeeded: 0, failed: 1, cancelled: 0 },
        finishedAtMs: 3,
      },
      { type: "callRetried", callId },
      { type: "output", ...ended, index: 0, status: OUTPUT_STATUS.succeeded, payload: new Uint8Array(2) },
      {
        type: "callFinished",
        callId,
        state: "succeeded",
        counts: { succeeded: 1, failed: 0, cancelled: 0 },
        finishedAtMs: 4,
      },
    ];
    for (const fact of facts) journal.append(owner, fact);
    const { rows } = await admin.query<{ cut: boolean }>(
      "select pg_terminate_backend(pid) as cut from pg_stat_activity where application_name = 'bellows journal' and state = 'active'",
    );
    cuts += rows.filter((row) => row.cut).length;
  }
  await admin.end();
  await new Promise<void>((resolve) => journal.barrier(resolve));
  const { rows } = await database.pool.query(
    `select count(*)::int as calls,
       count(*) filter (where state = 'succeeded' and failed_count = 0 and cancel_asked_at_ms is null)::int as succeeded,
       (select count(*)::int from outputs where call_id = any($1) and status = 0) as outputs,
       (select count(*)::int from outputs where call_id = any($1)) as all_outputs,
       (select count(*)::int from attempts where call_id = any($1) and outcome = 'retried' and attempt = 1) as attempts,
       (select count(*)::int from attempts where call_id = any($1)) as all_attempts
     from calls where id = any($1)`,
    [callIds],
  );
  const count = callIds.length;
  expect(rows).toEqual([
    { calls: count, succeeded: count, outputs: count, all_outputs: count, attempts: count, all_attempts: count },
  ]);
  expect(unexpected).toEqual([]);
});

test("Postgres is stopped and started again", async () => {
  await writeWhile(async () => {
    const { port } = server;
    await server.stop();
    server = await startEmbeddedPostgres({ folder, port, durable: false, ownProcessGroup: false });
  });
});

test("Postgres is killed outright", async () => {
  await writeWhile(async () => {
    const { port, pid, exited } = server;
    process.kill(pid, "SIGKILL");
    await exited;
    server = await startEmbeddedPostgres({ folder, port, durable: false, ownProcessGroup: false });
  });
});

test("the owner of before is still the owner after all that, and another cannot take over", async () => {
  const { url } = server;
  const { pool } = database;
  expect(await ownership.acquire(fn.functionId)).toEqual(owner);
  const other = new Ownership({ url, pool, orchestratorId: newId(), now: Date.now, onLost: () => {} });
  await expect(other.acquire(fn.functionId)).rejects.toMatchObject({ code: "CONFLICT" });
  await other.stop();
});
