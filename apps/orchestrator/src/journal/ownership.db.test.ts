import { openDatabase } from "@bellows/db/client";
import { connect } from "@bellows/db/connect";
import { cloneTestDatabase } from "@bellows/db/testing";
import { newId } from "@bellows/protocol/ids";
import { afterAll, expect, test } from "vitest";
import type { OwnerEpoch } from "./facts.ts";
import { Ownership } from "./ownership.ts";
import { insertTestFunction } from "./test-function.ts";

const url = await cloneTestDatabase();
const database = openDatabase(url);
const { pool } = database;
const orchestrators: Ownership[] = [];

afterAll(async () => {
  for (const orchestrator of orchestrators) await orchestrator.stop();
  await database.close();
});

function orchestrator(onLost: (owner: OwnerEpoch) => void = () => {}, orchestratorId = newId()): Ownership {
  const made = new Ownership({ url, pool, orchestratorId, now: Date.now, onLost });
  orchestrators.push(made);
  return made;
}

test("the first to ask owns it, and asking again changes nothing", async () => {
  const { functionId } = await insertTestFunction(database);
  const first = orchestrator();
  expect(await first.acquire(functionId)).toEqual({ functionId, epoch: 1 });
  expect(await first.acquire(functionId)).toEqual({ functionId, epoch: 1 });
});

test("of several at once one wins, the others are told who is alive", async () => {
  const { functionId } = await insertTestFunction(database);
  const results = await Promise.allSettled([1, 2, 3].map(() => orchestrator().acquire(functionId)));
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "CONFLICT" });
  }
});

test("a dead owner is succeeded with the next epoch", async () => {
  const { functionId } = await insertTestFunction(database);
  const first = orchestrator();
  await first.acquire(functionId);
  await first.stop();
  const heirs = await Promise.allSettled([orchestrator(), orchestrator()].map((heir) => heir.acquire(functionId)));
  expect(heirs.flatMap((heir) => (heir.status === "fulfilled" ? [heir.value] : []))).toEqual([
    { functionId, epoch: 2 },
  ]);
});

test("an unknown function is not found", async () => {
  await expect(orchestrator().acquire(newId())).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("after its session was cut the lock is held again, and what was lost meanwhile is reported", async () => {
  const { functionId: kept } = await insertTestFunction(database);
  const { functionId: taken } = await insertTestFunction(database);
  const orchestratorId = newId();
  let reportLost: (owner: OwnerEpoch) => void = () => {};
  const lost = new Promise<OwnerEpoch>((resolve) => {
    reportLost = resolve;
  });
  const first = orchestrator((owner) => reportLost(owner), orchestratorId);
  await first.acquire(kept);
  await first.acquire(taken);

  const admin = await connect(url);
  // What another orchestrator does in the moment in which the lock is free.
  await admin.query("update function_owners set orchestrator_id = $2, epoch = epoch + 1 where function_id = $1", [
    taken,
    newId(),
  ]);
  await admin.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 7237121003)`,
    [orchestratorId],
  );
  await admin.end();
  expect(await lost).toEqual({ functionId: taken, epoch: 1 });
  await expect(orchestrator().acquire(kept)).rejects.toMatchObject({ code: "CONFLICT" });
});
