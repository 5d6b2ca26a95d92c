import { containers } from "@bellows/db/schema/containers";
import { newId } from "@bellows/protocol/ids";
import { eq } from "drizzle-orm";
import { beforeEach, expect, it } from "vitest";
import { deployTestApp, testStack } from "../api/testing-stack.ts";

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
