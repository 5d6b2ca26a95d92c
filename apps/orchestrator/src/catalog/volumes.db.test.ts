import { apps } from "@bellows/db/schema/apps";
import { containers } from "@bellows/db/schema/containers";
import { newId } from "@bellows/protocol/ids";
import { eq } from "drizzle-orm";
import { beforeEach, expect, it } from "vitest";
import { CAPABILITIES, deployTestApp, testStack } from "../api/testing-stack.ts";
import { openPool } from "./open-pool.ts";
import { whileDeploying } from "./testing-overlap.ts";

const stack = await testStack();
const { db, verbs, catalog, volumeSizes } = stack;

beforeEach(() => {
  volumeSizes.clear();
  volumeSizes.set("models", { bytes: 5, isWhole: true });
});

async function addContainer(functionId: string, deploymentId: string): Promise<string> {
  const id = newId();
  const createdAtMs = Date.now();
  await db.insert(containers).values({ id, functionId, deploymentId, driver: "none", state: "ready", createdAtMs });
  return id;
}

async function end(containerId: string): Promise<void> {
  await db.update(containers).set({ state: "stopped", stoppedAtMs: 1 }).where(eq(containers.id, containerId));
}

it("lists what functions name and what lies on the host, each once", async () => {
  const { appId } = await deployTestApp(stack, "lists", {
    one: { volumes: { "/models": "models", "/new": "new" } },
    two: { volumes: { "/m": "models" } },
  });
  volumeSizes.set("left", { bytes: 7, isWhole: false });
  expect(await verbs.listVolumes("main")).toEqual([
    { name: "left", size: { bytes: 7, isWhole: false }, usedBy: [] },
    { name: "models", size: { bytes: 5, isWhole: true }, usedBy: ["lists/one", "lists/two"] },
    { name: "new", size: null, usedBy: ["lists/one"] },
  ]);
  await expect(verbs.listVolumes("nowhere")).rejects.toThrow(/no environment "nowhere"/);
  await catalog.stop(appId, "test");
});

it("deletes one that nobody uses, and says so of one that is not there", async () => {
  await verbs.removeVolume("main", "models");
  await expect(verbs.removeVolume("main", "models")).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining("bellows volume list"),
  });
});

it("deletes none that a deployed function names", async () => {
  const { appId } = await deployTestApp(stack, "names", { fn: { volumes: { "/models": "models" } } });
  await expect(verbs.removeVolume("main", "models")).rejects.toThrow(
    /"models" is used by names\/fn; deploy without it/,
  );
  await catalog.stop(appId, "test");
  await verbs.removeVolume("main", "models");
});

it("deletes none that a deploy names which has not ended yet", async () => {
  const [deployed, removed] = await whileDeploying(
    stack,
    () => deployTestApp(stack, "at-once", { fn: { volumes: { "/models": "models" } } }),
    () => verbs.removeVolume("main", "models"),
  );
  expect(deployed).toMatchObject({ status: "fulfilled" });
  expect(removed).toMatchObject({ reason: { message: expect.stringContaining("is used by at-once/fn") } });
  expect(volumeSizes.has("models")).toBe(true);
  const [app] = await db.select().from(apps).where(eq(apps.name, "at-once"));
  await catalog.stop(app?.id ?? "", "test");
});

it("deletes none that a pool names which has not come to be yet", async () => {
  const { appId, functions } = await deployTestApp(stack, "pools", { fn: {} });
  const pool = { parameters: null, settings: { volumes: { "/models": "models" } } };
  const [opened, removed] = await whileDeploying(
    stack,
    () => openPool(db, { baseId: functions[0]?.id ?? "", appId, pool }, { capabilities: CAPABILITIES, nowMs: 1 }),
    () => verbs.removeVolume("main", "models"),
  );
  expect(opened).toEqual({ status: "fulfilled", value: true });
  expect(removed).toMatchObject({ reason: { message: expect.stringContaining("is used by pools/fn") } });
  await catalog.stop(appId, "test");
});

it("deletes none that a container of a stopped app still has", async () => {
  const deployed = await deployTestApp(stack, "stopped", { fn: { volumes: { "/models": "models" } } });
  const container = await addContainer(deployed.functions[0]?.id ?? "", deployed.deploymentId);
  await catalog.stop(deployed.appId, "test");
  await expect(verbs.removeVolume("main", "models")).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringMatching(new RegExp(`${container} of stopped/fn.*in the console`)),
  });
  await end(container);
  await verbs.removeVolume("main", "models");
});

it("deletes none that a container of an earlier deployment may have, and does not mind others", async () => {
  const before = await deployTestApp(stack, "again", { fn: { volumes: { "/models": "models" } } });
  const container = await addContainer(before.functions[0]?.id ?? "", before.deploymentId);
  const after = await deployTestApp(stack, "again", { fn: {} });
  await addContainer(after.functions[0]?.id ?? "", after.deploymentId);
  await expect(verbs.removeVolume("main", "models")).rejects.toMatchObject({ code: "CONFLICT" });
  await end(container);
  await verbs.removeVolume("main", "models");
});
