import { functionStats } from "@bellows/db/schema/function-stats";
import { newId } from "@bellows/protocol/ids";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld, userOf } from "../testing-world.ts";

const world = await testWorld();
const { driver, clock } = world;
const { db } = world.database;
const WINDOW_MS = 10_000;
let orchestrator: TestOrchestrator;
let fn: TestFunction;

beforeEach(async () => {
  driver.answer = ([, , , value]) => value;
  orchestrator = await world.start();
  fn = await world.deploy({ maxContainers: 1 });
  // Far from the end of its ten seconds, so that what follows is in one of them.
  clock.aheadMs += WINDOW_MS - (world.now() % WINDOW_MS);
});

afterEach(async () => {
  await orchestrator.kill();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

async function run(values: number): Promise<void> {
  const { callId } = await orchestrator.engines.submit({
    callId: newId(world.now()),
    functionId: fn.functionId,
    kind: "spawnMap",
    values: Array.from({ length: values }, () => new Uint8Array([0])),
    idempotencyKey: null,
    by: userOf(null),
  });
  await until(async () => expect(orchestrator.engines.liveCall(fn.functionId, callId)).toBeUndefined());
}

function rows() {
  return db.select().from(functionStats).where(eq(functionStats.functionId, fn.functionId)).orderBy(functionStats.id);
}

const sum = (pairs: [number, number][] | undefined): number =>
  (pairs ?? []).reduce((total, [, count]) => total + count, 0);

test("what passes through an engine is stored once its ten seconds are over, and nothing more while it is idle", async () => {
  await run(300);
  const reading = orchestrator.engines.reading(fn.functionId);
  expect(reading).toMatchObject({ arrived: 300, succeeded: 300, failed: 0, containersMax: 1 });
  expect(reading?.queuedMax).toBeGreaterThan(0);
  expect(await rows()).toEqual([]);
  clock.aheadMs += WINDOW_MS;
  const [row] = await until(async () => {
    const found = await rows();
    expect(found).not.toEqual([]);
    return found;
  });
  expect(row).toMatchObject({ arrived: 300, succeeded: 300, containersMax: 1, batchSizes: [] });
  expect(sum(row?.arrivals)).toBe(300);
  expect(sum(row?.runMs)).toBe(300);
  // All came before the container did.
  expect(sum(row?.startMs)).toBe(300);
  // Each was in its queue for a while after that, too.
  expect(sum(row?.queueMs)).toBe(300);
});

test("an orchestrator that is stopped stores what it has counted until then", async () => {
  await run(3);
  await orchestrator.stop({ endContainers: true });
  expect(await rows()).toMatchObject([{ arrived: 3, succeeded: 3 }]);
  orchestrator = await world.start();
});
