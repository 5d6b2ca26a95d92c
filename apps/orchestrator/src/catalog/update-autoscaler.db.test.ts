/** What is laid over settings: judged as a whole, cleared by a deploy, and never left half by two at once. */
import { autoscalerOverrides } from "@bellows/db/schema/autoscaler-overrides";
import { functions } from "@bellows/db/schema/functions";
import type { Pool } from "@bellows/protocol/client-frames";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import type { EffectiveSettings } from "@bellows/protocol/views";
import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { deployTestApp, testStack } from "../api/testing-stack.ts";
import { createFunctionDirectory } from "./function-directory.ts";
import { functionsToStart } from "./functions-to-start.ts";

const stack = await testStack();
const { db, catalog, clock, directory, engines, verbs } = stack;
const setBy = "Ada";
const wide: Pool = { settings: { maxInputs: 8, targetInputs: 6 }, parameters: null };

async function deploy(app: string, options = {}) {
  const { appId, functions: deployed, version } = await deployTestApp(stack, app, { fn: options });
  return { appId, version, functionId: deployed[0]?.id ?? "" };
}

async function settingsOf(app: string): Promise<EffectiveSettings> {
  return (await directory.resolve("main", app, "fn")).autoscaler;
}

function rows(functionId: string) {
  return db.select().from(autoscalerOverrides).where(eq(autoscalerOverrides.functionId, functionId));
}

test("it takes the place of what was deployed, with its author and time, and the engine hears of it", async () => {
  const { functionId } = await deploy("plain", { maxContainers: 20 });
  const deployedAtMs = clock.nowMs;
  clock.nowMs += 1_000;
  engines.told.deployed.length = 0;
  const changes = { minContainers: 2, scaleupWindowMs: 10_000 };
  const view = await catalog.updateAutoscaler({ functionId, changes, setBy });
  const over = { layer: "override", setBy, atMs: clock.nowMs };
  expect(view).toEqual({
    functionId,
    settings: {
      minContainers: { value: 2, ...over },
      maxContainers: { value: 20, layer: "code", setBy: "deployment 1", atMs: deployedAtMs },
      bufferContainers: { value: 0, layer: "default", setBy: null, atMs: null },
      scaledownWindowMs: { value: 60_000, layer: "default", setBy: null, atMs: null },
      scaleupWindowMs: { value: 10_000, ...over },
      targetInputs: { value: 1, layer: "default", setBy: null, atMs: null },
    },
  });
  expect(engines.told.deployed).toEqual([functionId]);
  const { settings } = await directory.resolve("main", "plain", "fn");
  expect(settings).toMatchObject({ minContainers: 2, scaleupWindowMs: 10_000, maxContainers: 20 });
  expect((await verbs.getFunction({ id: functionId })).settings).toEqual(settings);
  const listed = await verbs.listFunctions({ environment: "main" }, { limit: 100 });
  expect(listed.items.find(({ id }) => id === functionId)?.settings).toEqual(settings);
  // Whoever starts anew finds it.
  const elsewhere = createFunctionDirectory(db, { capabilities: NOTHING, now: Date.now });
  expect((await elsewhere.byId(functionId))?.settings).toEqual(settings);
});

test("a second one changes only what it names, null takes it back, and each keeps its own author", async () => {
  const { functionId } = await deploy("twice");
  await catalog.updateAutoscaler({ functionId, changes: { minContainers: 2, bufferContainers: 3 }, setBy });
  clock.nowMs += 1_000;
  const changes = { minContainers: 5, bufferContainers: null, maxContainers: null };
  const { settings } = await catalog.updateAutoscaler({ functionId, changes, setBy: "jobs/morning" });
  expect(settings.minContainers).toEqual({ value: 5, layer: "override", setBy: "jobs/morning", atMs: clock.nowMs });
  expect(settings.bufferContainers.layer).toBe("default");
  await catalog.updateAutoscaler({ functionId, changes: { targetInputs: 1 }, setBy });
  expect((await settingsOf("twice")).minContainers.setBy).toBe("jobs/morning");
  expect(await rows(functionId)).toHaveLength(2);
});

test("what does not fit together is refused by what would hold, and nothing of it is kept", async () => {
  const { functionId } = await deploy("fits", { minContainers: 3, maxContainers: 5, concurrent: { maxInputs: 4 } });
  const refused = (changes: Parameters<typeof catalog.updateAutoscaler>[0]["changes"], message: string) =>
    expect(catalog.updateAutoscaler({ functionId, changes, setBy })).rejects.toThrow(new InvalidError(message));
  const which = 'function "fn", with what holds for it now: ';
  const tooMany = (min: number, max: number): string =>
    `${which}minContainers: ${min} is above maxContainers ${max}; raise maxContainers or lower minContainers`;
  await refused({ minContainers: 6, bufferContainers: 1 }, tooMany(6, 5));
  await refused({ maxContainers: 2 }, tooMany(3, 2));
  await refused(
    { targetInputs: 5 },
    `${which}concurrent.targetInputs: 5 is above maxInputs 4; containers burst from target up to max`,
  );
  expect(await rows(functionId)).toEqual([]);
  await catalog.updateAutoscaler({ functionId, changes: { minContainers: 0, maxContainers: 2 }, setBy });
  // What is taken back may contradict what is left.
  await refused({ minContainers: null }, tooMany(3, 2));
  expect((await settingsOf("fits")).minContainers.value).toBe(0);
  await catalog.updateAutoscaler({ functionId, changes: { minContainers: null, maxContainers: null }, setBy });
  expect(await rows(functionId)).toEqual([]);
});

test("a deploy clears it, of every pool too, and of no other app", async () => {
  const { functionId } = await deploy("cleared");
  const beside = await deploy("beside");
  const pool = await directory.resolve("main", "cleared", "fn", wide);
  for (const id of [functionId, pool.functionId, beside.functionId]) {
    await catalog.updateAutoscaler({ functionId: id, changes: { minContainers: 1 }, setBy });
  }
  expect((await directory.byId(pool.functionId))?.autoscaler.targetInputs).toMatchObject({ value: 6, layer: "code" });
  await deploy("cleared", { bufferContainers: 2 });
  const { autoscaler } = await directory.resolve("main", "cleared", "fn");
  expect([autoscaler.minContainers, autoscaler.bufferContainers]).toMatchObject([
    { value: 0, layer: "default" },
    { value: 2, layer: "code", setBy: "deployment 2" },
  ]);
  expect((await directory.byId(pool.functionId))?.settings.minContainers).toBe(0);
  expect((await settingsOf("beside")).minContainers.value).toBe(1);
});

test("a deploy that is refused clears nothing", async () => {
  const { functionId } = await deploy("kept");
  await catalog.updateAutoscaler({ functionId, changes: { minContainers: 1 }, setBy });
  const { bundleHash } = await directory.resolve("main", "kept", "fn");
  const both = ["a", "a"].map((name) => ({ name, settings: parseFunctionOptions() }));
  const again = { name: "kept", environment: "main", bundleHash, ephemeral: false, functions: both };
  await expect(catalog.deploy(again)).rejects.toBeInstanceOf(InvalidError);
  expect((await settingsOf("kept")).minContainers.value).toBe(1);
});

test("what a function has laid over it is no part of its pools, which have their own", async () => {
  const { functionId } = await deploy("apart", { minContainers: 1 });
  await catalog.updateAutoscaler({ functionId, changes: { minContainers: 4 }, setBy });
  const pool = await directory.resolve("main", "apart", "fn", wide);
  expect(pool.autoscaler.minContainers).toMatchObject({ value: 1, layer: "code" });
  await catalog.updateAutoscaler({ functionId: pool.functionId, changes: { minContainers: 2 }, setBy });
  expect((await settingsOf("apart")).minContainers.value).toBe(4);
});

test("what is not deployed any more is not changed, and what never was is not found", async () => {
  const { appId, functionId } = await deploy("gone");
  await catalog.stop(appId, "test");
  const changes = { minContainers: 1 };
  const update = (id: string) => catalog.updateAutoscaler({ functionId: id, changes, setBy });
  await expect(update(functionId)).rejects.toBeInstanceOf(ConflictError);
  await expect(update(newId())).rejects.toBeInstanceOf(NotFoundError);
  await deploy("gone");
  await deployTestApp(stack, "gone", { other: {} });
  await expect(update(functionId)).rejects.toThrow('function "fn" of app "gone" is not deployed any more');
});

test("many at once, with deploys among them, never leave what does not fit together", async () => {
  const { functionId } = await deploy("crowd", { maxContainers: 10 });
  const bounds = Array.from({ length: 8 }, (_, i) => [
    catalog.updateAutoscaler({ functionId, changes: { minContainers: i }, setBy }).catch(() => undefined),
    catalog.updateAutoscaler({ functionId, changes: { maxContainers: 8 - i }, setBy }).catch(() => undefined),
    ...(i % 3 === 0 ? [deploy("crowd", { maxContainers: 10 })] : []),
  ]);
  await Promise.all(bounds.flat());
  const { settings, autoscaler } = await directory.resolve("main", "crowd", "fn");
  expect(settings.minContainers).toBeLessThanOrEqual(settings.maxContainers);
  const stored = await rows(functionId);
  for (const { setting, value } of stored) expect(autoscaler[setting]).toMatchObject({ layer: "override", value });
});

test("a function that is to keep containers by an override has an engine from the start, and one that is not has none", async () => {
  const raised = await deploy("raised");
  const lowered = await deploy("lowered", { minContainers: 2 });
  await catalog.updateAutoscaler({ functionId: raised.functionId, changes: { minContainers: 1 }, setBy });
  await catalog.updateAutoscaler({ functionId: lowered.functionId, changes: { minContainers: 0 }, setBy });
  const found = await functionsToStart(db);
  expect(found).toContain(raised.functionId);
  expect(found).not.toContain(lowered.functionId);
});

test("a function that an earlier version has deployed says `code` of what differs from the defaults", async () => {
  const { functionId } = await deploy("earlier", { minContainers: 1, maxContainers: 100 });
  const without = sql`${functions.settings} - 'written'`;
  await db
    .update(functions)
    .set({ settings: without })
    .where(and(eq(functions.id, functionId)));
  directory.invalidate();
  const { minContainers, maxContainers } = await settingsOf("earlier");
  expect([minContainers.layer, maxContainers.layer]).toEqual(["code", "default"]);
  const { settings } = await catalog.updateAutoscaler({ functionId, changes: { maxContainers: 4 }, setBy });
  expect(settings.maxContainers).toMatchObject({ value: 4, layer: "override" });
});

const NOTHING = {
  isolation: false,
  gpus: [],
  images: false,
  memoryLimit: false,
  cpuLimit: false,
  blockNetwork: false,
};
