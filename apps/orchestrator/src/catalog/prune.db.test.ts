import { apps } from "@bellows/db/schema/apps";
import { bundles } from "@bellows/db/schema/bundles";
import { calls } from "@bellows/db/schema/calls";
import { containers } from "@bellows/db/schema/containers";
import { deployments } from "@bellows/db/schema/deployments";
import { functions } from "@bellows/db/schema/functions";
import { encodeBundle } from "@bellows/protocol/bundles";
import type { Pool } from "@bellows/protocol/client-frames";
import { newId } from "@bellows/protocol/ids";
import { eq, inArray } from "drizzle-orm";
import { expect, test } from "vitest";
import { addCall, deployTestApp, finishCall, testStack } from "../api/testing-stack.ts";
import { putBundle } from "./bundles.ts";
import { type PruneOptions, pruneCatalog } from "./prune.ts";

const stack = await testStack();
const { db, catalog, clock, directory, engines } = stack;

const DAY_MS = 86_400_000;
const NOTHING = { poolsArchived: 0, poolsDeleted: 0, appsDeleted: 0, bundlesDeleted: 0 };
const wide: Pool = { settings: { maxInputs: 8 }, parameters: null };

/** Prunes what is a week old, so many days from now. */
function pruneIn(days: number) {
  clock.nowMs = Date.now() + days * DAY_MS;
  return catalog.prune(clock.nowMs - 7 * DAY_MS);
}

async function appIds(...ids: string[]): Promise<string[]> {
  const rows = await db.select({ id: apps.id }).from(apps).where(inArray(apps.id, ids));
  return rows.map(({ id }) => id).sort();
}

test("the app of a run goes a week after it was stopped, with its functions, pools and code, once its calls are gone", async () => {
  clock.nowMs = Date.now();
  const run = await deployTestApp(stack, "runs", { fn: {} }, { ephemeral: true });
  const living = await deployTestApp(stack, "lives", { fn: {} }, { ephemeral: true });
  await directory.resolve("main", run.appName, "fn", wide);
  const callId = await addCall(stack, { appId: run.appId, functionId: run.functions[0]?.id ?? "" });
  await finishCall(stack, callId);
  await catalog.stop(run.appId, "its run ended");
  expect(await pruneIn(6)).toEqual(NOTHING);
  expect(await pruneIn(8)).toMatchObject({ appsDeleted: 0, bundlesDeleted: 1 });
  expect(await appIds(run.appId)).toEqual([run.appId]);

  await db.delete(calls).where(eq(calls.id, callId));
  expect(await pruneIn(8)).toMatchObject({ appsDeleted: 1, bundlesDeleted: 0 });
  expect(await appIds(run.appId, living.appId)).toEqual([living.appId]);
  expect(await db.select().from(functions).where(eq(functions.appId, run.appId))).toEqual([]);
  expect(await directory.byId(run.functions[0]?.id ?? "")).toBeUndefined();
  expect(await pruneIn(8)).toEqual(NOTHING);
});

test("an app that was deployed keeps its history, but not its code, when it has been stopped for a week", async () => {
  clock.nowMs = Date.now();
  const { appId, deploymentId, functions: its } = await deployTestApp(stack, "ended", { fn: {} });
  const unfinished = await addCall(stack, { appId, functionId: its[0]?.id ?? "" });
  await catalog.stop(appId, "by hand");
  expect((await pruneIn(8)).bundlesDeleted).toBe(0);
  await finishCall(stack, unfinished);
  expect((await pruneIn(8)).bundlesDeleted).toBe(1);
  expect(await db.select().from(deployments).where(eq(deployments.id, deploymentId))).toMatchObject([
    { version: 1, bundleHash: null },
  ]);
  expect(await directory.byId(its[0]?.id ?? "")).toMatchObject({ active: false, bundleHash: "" });
  const again = await deployTestApp(stack, "ended", { fn: {} });
  expect(again).toMatchObject({ appId, version: 2 });
  expect((await pruneIn(30)).bundlesDeleted).toBe(0);
});

test("code goes a day after it was uploaded last, unless a deployment has it", async () => {
  const named = encodeBundle({ code: "never deployed", sourceMap: "", packages: {}, modules: {}, files: {} });
  await putBundle(db, { ...named, nowMs: Date.now() });
  expect((await pruneIn(0.9)).bundlesDeleted).toBe(0);
  // Uploaded once more by somebody who is about to deploy it.
  await putBundle(db, { ...named, nowMs: clock.nowMs });
  expect((await pruneIn(1.5)).bundlesDeleted).toBe(0);
  expect((await pruneIn(2)).bundlesDeleted).toBe(1);
  expect(await db.select().from(bundles).where(eq(bundles.hash, named.hash))).toEqual([]);
});

test("a pool that nothing calls is given up, its engine hears of it, and the next call makes a new one", async () => {
  clock.nowMs = Date.now();
  const { appId, deploymentId } = await deployTestApp(stack, "pooled", { fn: {} });
  const resolve = (settings: Pool["settings"]) =>
    directory.resolve("main", "pooled", "fn", { settings, parameters: null });
  const [idle, called, kept] = await Promise.all([
    resolve({ maxInputs: 2 }),
    resolve({ maxInputs: 3 }),
    resolve({ maxInputs: 4 }),
  ]);
  await addCall(stack, { appId, functionId: called.functionId });
  await db.insert(containers).values({
    id: newId(),
    functionId: kept.functionId,
    deploymentId,
    driver: "process",
    state: "ready",
    createdAtMs: 0,
  });
  expect(await pruneIn(6)).toEqual(NOTHING);
  expect(await pruneIn(8)).toEqual({ ...NOTHING, poolsArchived: 1 });
  expect(engines.told.givenUp).toContain(idle.functionId);
  expect(engines.told.givenUp).not.toContain(called.functionId);
  expect(await directory.byId(idle.functionId)).toMatchObject({ active: false });
  const again = await resolve({ maxInputs: 2 });
  expect(again.functionId).not.toBe(idle.functionId);
  expect((await resolve({ maxInputs: 4 })).functionId).toBe(kept.functionId);

  expect(await pruneIn(16)).toMatchObject({ poolsDeleted: 1, poolsArchived: 1 });
  expect(await directory.byId(idle.functionId)).toBeUndefined();
});

test("a pool that has been called a moment ago stays, although no row says so yet", async () => {
  clock.nowMs = Date.now();
  await deployTestApp(stack, "just-called", { fn: {} });
  const resolve = (maxInputs: number) =>
    directory.resolve("main", "just-called", "fn", { settings: { maxInputs }, parameters: null });
  const [idle, busy] = [await resolve(2), await resolve(3)];
  const asked: string[] = [];
  const giveUp: PruneOptions["giveUp"] = (poolIds, archive) => {
    asked.push(...poolIds);
    return archive(poolIds.filter((id) => id !== busy.functionId));
  };
  const nowMs = clock.nowMs + DAY_MS;
  expect((await pruneCatalog(db, { olderThanMs: nowMs, nowMs, giveUp })).poolsArchived).toBeGreaterThan(0);
  directory.invalidate();
  expect(asked).toEqual(expect.arrayContaining([idle.functionId, busy.functionId]));
  expect(await directory.byId(idle.functionId)).toMatchObject({ active: false });
  expect((await resolve(3)).functionId).toBe(busy.functionId);
});

test("a deploy at the same moment keeps its code, whoever comes first", async () => {
  for (let round = 0; round < 10; round++) {
    clock.nowMs = Date.now();
    const { appId } = await deployTestApp(stack, `racing-${round}`, { fn: {} });
    await catalog.stop(appId, "by hand");
    clock.nowMs += 8 * DAY_MS;
    await Promise.all([deployTestApp(stack, `racing-${round}`, { fn: {} }), catalog.prune(clock.nowMs - 7 * DAY_MS)]);
    const { bundleHash } = await directory.resolve("main", `racing-${round}`, "fn");
    expect(await db.select({ hash: bundles.hash }).from(bundles).where(eq(bundles.hash, bundleHash))).toHaveLength(1);
  }
});
