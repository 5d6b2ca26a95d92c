/** A journal that writes the facts of one function into a test's database, and says when anything is wrong with them. */
import { openDatabase } from "@bellows/db/client";
import { functionOwners } from "@bellows/db/schema/function-owners";
import { cloneTestDatabase } from "@bellows/db/testing";
import { newId } from "@bellows/protocol/ids";
import { afterAll, expect } from "vitest";
import type { Fact } from "./facts.ts";
import { openFactReader } from "./reader.ts";
import { insertTestFunction } from "./test-function.ts";
import { JournalWriter } from "./writer.ts";

/** Call it once, at the top level of a test file. */
export async function testJournal() {
  const url = await cloneTestDatabase();
  const database = openDatabase(url);
  const { db, pool } = database;
  const fn = await insertTestFunction(database);
  const owner = { functionId: fn.functionId, epoch: 1 };
  await db.insert(functionOwners).values({ ...owner, orchestratorId: newId(), acquiredAtMs: Date.now() });
  const trouble: unknown[] = [];
  const journal = new JournalWriter({
    url,
    pool,
    now: Date.now,
    onStale: (stale) => trouble.push(stale),
    onRejected: (_owner, _fact, error) => trouble.push(error),
    onTrouble: (error) => trouble.push(error),
  });
  journal.start();
  afterAll(async () => {
    await journal.stop();
    await database.close();
  });

  async function store(...facts: Fact[]): Promise<void> {
    for (const fact of facts) journal.append(owner, fact);
    await new Promise<void>((resolve) => journal.barrier(resolve));
    expect(trouble).toEqual([]);
  }

  return { url, db, pool, fn, owner, journal, reader: openFactReader(pool, Date.now), store };
}
