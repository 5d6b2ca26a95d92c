/** Which containers an engine takes over, and which it leaves alone, when they change while it is being made. */
import { ContainerCrashedError, errorData } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { afterEach, expect, test, vi } from "vitest";
import { stepMany } from "../core/function-core.ts";
import type { TestFunction } from "../journal/test-function.ts";
import { until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { type TestOrchestrator, testWorld, userOf } from "../testing-world.ts";

vi.mock("../core/function-core.ts", { spy: true });

const world = await testWorld();
const { driver, hooks, database } = world;
let orchestrator: TestOrchestrator;

afterEach(async () => {
  await orchestrator.kill();
  driver.endAll();
  hooks.reader = undefined;
  vi.restoreAllMocks();
  world.errors.length = 0;
});

/** A container that has an input of the function, and keeps it. */
async function busy(fn: TestFunction): Promise<TestAgent> {
  driver.answer = () => undefined;
  const values = [new Uint8Array([7])];
  const { functionId } = fn;
  const by = userOf(null);
  await orchestrator.engines.submit({
    callId: newId(),
    functionId,
    kind: "spawn",
    values,
    idempotencyKey: null,
    by,
  });
  return until(() => {
    const found = driver.of(functionId).find(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has the input");
    return found;
  });
}

async function row(containerId: string): Promise<{ state: string; stopped: boolean; error: unknown }> {
  const { rows } = await database.pool.query<{ state: string; stopped: boolean; error: unknown }>(
    "select state, stopped_at_ms is not null as stopped, error from containers where id = $1",
    [containerId],
  );
  const [found] = rows;
  if (!found) throw new Error("there is no row");
  return found;
}

test("a container that ends after it was listed and before its engine is there is stored as ended, with its reason", async () => {
  orchestrator = await world.start();
  const fn = await world.deploy();
  const { containerId } = await busy(fn);
  await until(async () => expect(await row(containerId)).toMatchObject({ state: "ready" }));
  await orchestrator.kill();
  const { stack: _stack, ...error } = errorData(new ContainerCrashedError("killed meanwhile"));
  const list = driver.list.bind(driver);
  vi.spyOn(driver, "list").mockImplementationOnce(async () => {
    const found = await list();
    driver.exit(containerId, error);
    return found;
  });
  orchestrator = await world.start([fn.functionId]);
  await until(async () => expect(await row(containerId)).toMatchObject({ state: "failed", stopped: true, error }));
});

test("a container kept ready that one engine has just taken is not ended when another is made again", async () => {
  // Its owner is not on record yet when it is asked for.
  hooks.reader = { containerOwners: async () => new Map() };
  orchestrator = await world.start();
  const [broken, other] = [await world.deploy(), await world.deploy()];
  const [agent, taken] = [await busy(broken), await busy(other)];
  const list = driver.list.bind(driver);
  vi.spyOn(driver, "list").mockImplementation(async () =>
    (await list()).map((found) =>
      found.containerId === taken.containerId ? { ...found, functionId: null, deploymentId: null } : found,
    ),
  );
  const before = await orchestrator.engines.ensure(broken.functionId);
  vi.mocked(stepMany).mockImplementationOnce(() => {
    throw new Error("a defect in a step");
  });
  const [item] = agent.held;
  if (item) agent.end(item, item[3]);
  await until(() => expect(before.isReleased).toBe(true));
  expect(await orchestrator.engines.ensure(broken.functionId)).not.toBe(before);
  expect(driver.list).toHaveBeenCalled();
  expect(driver.stopped).not.toContain(taken.containerId);
  expect(driver.of(other.functionId)).toEqual([taken]);
});
