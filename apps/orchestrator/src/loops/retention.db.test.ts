import { openDatabase } from "@bellows/db/client";
import { cloneTestDatabase } from "@bellows/db/testing";
import { newId } from "@bellows/protocol/ids";
import { afterAll, expect, test } from "vitest";
import { DutyLoop } from "./duty-loop.ts";
import { runRetention } from "./retention.ts";

const { pool, close } = openDatabase(await cloneTestDatabase());
afterAll(() => close());

const DAY_MS = 86_400_000;
const NOTHING_PRUNED = { poolsArchived: 0, poolsDeleted: 0, appsDeleted: 0, bundlesDeleted: 0 };

function round(nowMs: number, days = 7, prunedBefore: number[] = []) {
  const prune = async (olderThanMs: number) => {
    prunedBefore.push(olderThanMs);
    return NOTHING_PRUNED;
  };
  return runRetention({ pool, prune, retentionMs: days * DAY_MS, nowMs });
}

test("rows of containers go when they have been gone for as long as calls are kept", async () => {
  const nowMs = Date.now();
  for (const stoppedAtMs of [nowMs - 8 * DAY_MS, nowMs - 6 * DAY_MS, null]) {
    await pool.query(
      `insert into containers (id, function_id, deployment_id, driver, state, created_at_ms, stopped_at_ms)
       values ($1, $1, $1, 'process', 'stopped', 0, $2)`,
      [newId(), stoppedAtMs],
    );
  }
  const prunedBefore: number[] = [];
  expect((await round(nowMs, 7, prunedBefore)).containersDeleted).toBe(1);
  expect((await round(nowMs, 5, prunedBefore)).containersDeleted).toBe(1);
  expect(prunedBefore).toEqual([nowMs - 7 * DAY_MS, nowMs - 5 * DAY_MS]);
});

test("days pass: new partitions come, those past retention go, and a second round finds nothing to do", async () => {
  const nowMs = Date.now() + 9 * DAY_MS;
  const longer = await round(nowMs, 30);
  expect(longer.created).toHaveLength(5 * 7);
  expect(longer.dropped).toEqual([]);
  expect((await round(nowMs)).dropped).toHaveLength(3 * 7);
  const nothing = { created: [], dropped: [], kept: [], busy: [], containersDeleted: 0, ...NOTHING_PRUNED };
  expect(await round(nowMs)).toEqual(nothing);
});

test("the loop survives a round that fails, says so, and stops after the round in hand", async () => {
  const away = openDatabase("postgres://nobody@127.0.0.1:1/nothing");
  let loop: DutyLoop | undefined;
  const said = await new Promise<string>((resolve) => {
    loop = new DutyLoop({
      name: "retention",
      everyMs: 3_600_000,
      run: () => away.pool.query("select 1"),
      log: { info: () => {}, error: (_details: object, text?: string) => resolve(text ?? "") },
    });
    loop.start();
  });
  expect(said).toBe("retention failed; the next round tries again");
  await loop?.stop();
  await loop?.stop();
  await away.close();
});
