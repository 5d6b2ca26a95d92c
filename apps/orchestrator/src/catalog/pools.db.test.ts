/** Pools over the life of their function: made with the first use, redeployed, archived and stopped with it. */
import { functions } from "@bellows/db/schema/functions";
import type { Pool } from "@bellows/protocol/client-frames";
import { InvalidError, LimitExceededError, NotFoundError, PayloadTooLargeError } from "@bellows/protocol/errors";
import { type FunctionSettings, parseFunctionOptions } from "@bellows/protocol/function-options";
import { LIMITS } from "@bellows/protocol/limits";
import { encodeValue } from "@bellows/protocol/values";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { deployTestApp, testStack } from "../api/testing-stack.ts";
import { createFunctionDirectory } from "./function-directory.ts";

const stack = await testStack();
const { db, catalog, directory, engines } = stack;

const wide: Pool = { settings: { maxInputs: 8, targetInputs: 6 }, parameters: null };
const large: Pool = { settings: {}, parameters: encodeValue(["large"]) };

/** Deploys an app with the class `Model` in it. */
async function deployClass(app: string, settings: Partial<FunctionSettings> = {}) {
  const { bundleHash } = await directory.resolve("main", "code", "fn");
  const model = {
    ...parseFunctionOptions({ timeout: "9s" }),
    kind: "class" as const,
    methods: ["predict"],
    ...settings,
  };
  return catalog.deploy({
    name: app,
    environment: "main",
    bundleHash,
    ephemeral: false,
    functions: [{ name: "Model", settings: model }],
  });
}

await deployTestApp(stack, "code", { fn: {} });

async function poolsOf(appId: string) {
  return db
    .select()
    .from(functions)
    .where(and(eq(functions.appId, appId), isNotNull(functions.baseId)));
}

test("the first use makes the pool, later ones find it, and it shares code and name with its function", async () => {
  const { appId } = await deployClass("first");
  const base = await directory.resolve("main", "first", "Model");
  const pool = await directory.resolve("main", "first", "Model", { ...wide, parameters: large.parameters });
  expect(pool).toMatchObject({
    name: "Model",
    deploymentId: base.deploymentId,
    bundleHash: base.bundleHash,
    settings: { ...base.settings, maxInputs: 8, targetInputs: 6, written: ["targetInputs"] },
    pool: { baseId: base.functionId, label: "('large') maxInputs 8 targetInputs 6" },
    parameters: Buffer.from(large.parameters ?? []),
    limits: base.limits,
    active: true,
  });
  expect(pool.functionId).not.toBe(base.functionId);
  expect(base).toMatchObject({ pool: null, parameters: null });
  expect(await directory.resolve("main", "first", "Model", { settings: {}, parameters: null })).toBe(base);
  const elsewhere = createFunctionDirectory(db, { capabilities: NOTHING, now: Date.now });
  const found = await elsewhere.resolve("main", "first", "Model", { ...wide, parameters: large.parameters });
  expect(found.functionId).toBe(pool.functionId);
  expect(await poolsOf(appId)).toHaveLength(1);
});

test("many first uses at once make one pool", async () => {
  const { appId } = await deployClass("crowd");
  const directories = [1, 2, 3].map(() => createFunctionDirectory(db, { capabilities: NOTHING, now: Date.now }));
  const records = await Promise.all(
    directories.flatMap((each) => [1, 2, 3].map(() => each.resolve("main", "crowd", "Model", large))),
  );
  expect(new Set(records.map(({ functionId }) => functionId)).size).toBe(1);
  expect(await poolsOf(appId)).toHaveLength(1);
});

test("a deploy gives pools its code and computes their settings anew; one that no longer fits ends and says why", async () => {
  const { appId } = await deployClass("anew");
  const before = await directory.resolve("main", "anew", "Model", wide);
  const keeping: Pool = { settings: { minContainers: 50 }, parameters: null };
  const kept = await directory.resolve("main", "anew", "Model", keeping);
  const told = engines.told.deployed.length;
  const { deploymentId } = await deployClass("anew", { timeoutMs: 4_000, maxContainers: 20 });
  expect(await directory.resolve("main", "anew", "Model", wide)).toMatchObject({
    functionId: before.functionId,
    deploymentId,
    settings: { timeoutMs: 4_000, maxInputs: 8 },
  });
  expect(engines.told.deployed.slice(told)).toContain(before.functionId);
  expect(engines.told.stopped).toContain(kept.functionId);
  const refused = await directory.resolve("main", "anew", "Model", keeping).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InvalidError);
  expect(String(refused)).toContain("minContainers: 50 is above maxContainers 20");
  await deployClass("anew");
  const again = await directory.resolve("main", "anew", "Model", keeping);
  expect(again).toMatchObject({ settings: { minContainers: 50 }, active: true });
  // What was stopped is over: its engine takes nothing any more.
  expect(again.functionId).not.toBe(kept.functionId);
  expect(await directory.byId(kept.functionId)).toMatchObject({ active: false });
  expect(await poolsOf(appId)).toHaveLength(3);
});

test("a deploy at the moment of the first use leaves no pool with old code", async () => {
  await deployClass("race");
  await Promise.all([
    ...[1, 2, 3, 4].map((maxInputs) =>
      directory.resolve("main", "race", "Model", { settings: { maxInputs, targetInputs: 1 }, parameters: null }),
    ),
    deployClass("race"),
    deployClass("race"),
  ]);
  const base = await directory.resolve("main", "race", "Model");
  const pools = await poolsOf(base.appId);
  expect(pools).toHaveLength(4);
  for (const { deploymentId } of pools) expect(deploymentId).toBe(base.deploymentId);
});

test("pools end with their function, anew when it is back, and stop with the app", async () => {
  const { appId } = await deployClass("going");
  const pool = await directory.resolve("main", "going", "Model", large);
  await deployTestApp(stack, "going", { other: {} });
  expect(engines.told.stopped).toContain(pool.functionId);
  expect(await directory.byId(pool.functionId)).toMatchObject({ active: false });
  await expect(directory.resolve("main", "going", "Model", large)).rejects.toThrow(
    'has no function "Model"; it has "other"',
  );
  await deployClass("going");
  const again = await directory.resolve("main", "going", "Model", large);
  expect(again.functionId).not.toBe(pool.functionId);
  const told = engines.told.stopped.length;
  await catalog.stop(appId, "by hand");
  expect(engines.told.stopped.slice(told)).toContain(again.functionId);
  await expect(directory.resolve("main", "going", "Model", large)).rejects.toThrow(NotFoundError);
  await expect(directory.resolve("main", "going", "Model", wide)).rejects.toThrow(NotFoundError);
  await deployClass("going");
  expect((await directory.resolve("main", "going", "Model", large)).functionId).toBe(again.functionId);
  expect(engines.told.deployed).toContain(again.functionId);
});

test("what cannot be served in a pool is refused when it is asked for, and no row is made", async () => {
  const { appId } = await deployClass("refusing");
  const ask = (pool: Pool, name = "Model", app = "refusing") => directory.resolve("main", app, name, pool);
  const settings = (given: Pool["settings"]): Pool => ({ settings: given, parameters: null });
  await expect(ask(settings({ gpu: ["H100"] }))).rejects.toThrow('function "Model", option gpu: this host has no GPU');
  await expect(ask(settings({ maxInputs: 5_000 }))).rejects.toThrow("5000 is above 1,000");
  await expect(ask(settings({ kind: "function" }))).rejects.toThrow(
    'function "Model", option kind: it belongs to the code',
  );
  await expect(ask(settings({ maxInputs: 2, targetInputs: 3 }))).rejects.toThrow(InvalidError);
  await expect(ask(settings({ batched: { maxBatchSize: 8, waitMs: 5 } }))).rejects.toThrow(
    "batched: the function takes one input at a time",
  );
  await expect(ask(large, "fn", "code")).rejects.toThrow('"fn" is a function and takes no constructor arguments');
  const heavy = { settings: {}, parameters: new Uint8Array(LIMITS.poolParametersBytes + 1) };
  await expect(ask(heavy)).rejects.toThrow(PayloadTooLargeError);
  await expect(ask(wide, "Modell")).rejects.toThrow('it has "Model"');
  expect(await poolsOf(appId)).toEqual([]);
});

test("a function has so many pools and no more", async () => {
  await deployClass("crowded");
  const { functionId, appId, deploymentId } = await directory.resolve("main", "crowded", "Model");
  await db.execute(sql`
    insert into functions (id, app_id, name, deployment_id, base_id, pool_key, settings, created_at_ms)
    select gen_random_uuid(), ${appId}, 'Model', ${deploymentId}, ${functionId}, n::text, '{}', 0
    from generate_series(1, ${LIMITS.poolsPerFunction}::int) n`);
  const refused = await directory.resolve("main", "crowded", "Model", large).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LimitExceededError);
  expect(refused).toMatchObject({ limit: "poolsPerFunction", max: 1_000, current: 1_000, retryAfterMs: null });
});

const NOTHING = {
  isolation: false,
  gpus: [],
  images: false,
  memoryLimit: false,
  cpuLimit: false,
  blockNetwork: false,
};
