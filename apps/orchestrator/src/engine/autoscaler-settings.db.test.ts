/** Changed settings in a running engine: they hold at once, leave busy containers alone, and are found after a restart. */
import { decisions } from "@bellows/db/schema/decisions";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Catalog, createCatalog } from "../catalog/catalog.ts";
import { functionsToStart } from "../catalog/functions-to-start.ts";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver, clock, now } = world;
const { db } = world.database;
const setBy = "Ada";
let orchestrator: TestOrchestrator;
let catalog: Catalog;
let client: TestClient;

async function start(): Promise<void> {
  orchestrator = await world.start(await functionsToStart(db));
  client = await orchestrator.client();
  const { directory, engines } = orchestrator;
  const { capabilities } = driver;
  const secrets = { assertThere: async () => {} };
  catalog = createCatalog({ db, directory, engines, capabilities, secrets, now, log: pino({ level: "silent" }) });
}

beforeEach(start);

afterEach(async () => {
  client.cut();
  await orchestrator.stop({ endContainers: true });
  driver.endAll();
  driver.answer = ([, , , value]) => value;
  clock.aheadMs = 0;
  expect(world.errors).toEqual([]);
});

function running({ functionId }: TestFunction) {
  return driver.of(functionId).filter(({ heard }) => !heard.some(({ type }) => type === "drain"));
}

async function call(fn: TestFunction, count: number): Promise<void> {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0, count), close(opening.callId, count));
  await client.hears("opened", opening.callId);
}

test("a function without an engine gets one when it is to keep containers, and loses them when it is not", async () => {
  const fn = await world.deploy({ scaledownWindow: "2s" });
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { minContainers: 2 }, setBy });
  await until(() => expect(running(fn)).toHaveLength(2));
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { minContainers: null }, setBy });
  clock.aheadMs += 3_000;
  await until(() => expect(running(fn)).toEqual([]));
});

test("a lower maxContainers ends no busy container, and the idle one only", async () => {
  const fn = await world.deploy({ maxContainers: 3 });
  driver.answer = () => undefined;
  await call(fn, 3);
  await until(() => expect(running(fn).filter(({ held }) => held.length === 1)).toHaveLength(3));
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { maxContainers: 1 }, setBy });
  await until(() => expect(orchestrator.engines.stats(fn.functionId).desiredContainers).toBe(1));
  expect(running(fn)).toHaveLength(3);
  const [first] = driver.of(fn.functionId);
  const [held] = first?.held ?? [];
  if (first && held) first.end(held, held[3]);
  await until(() => expect(running(fn)).toHaveLength(2));
  expect(running(fn).every((agent) => agent.held.length === 1)).toBe(true);
  expect(driver.stopped).not.toContain(running(fn)[0]?.containerId);
});

test("no container is replaced by it: it is the same deployment", async () => {
  const fn = await world.deploy({ minContainers: 1 });
  await orchestrator.engines.ensure(fn.functionId);
  await until(() => expect(running(fn)).toHaveLength(1));
  const [before] = running(fn);
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { minContainers: 3 }, setBy });
  await until(() => expect(running(fn)).toHaveLength(3));
  expect(running(fn)).toContain(before);
  const [latest] = await db.select().from(decisions).where(eq(decisions.functionId, fn.functionId)).limit(1);
  expect(latest?.reason).toContain("minContainers");
});

test("a container is provisioned for the target in force", async () => {
  const fn = await world.deploy({ concurrent: { maxInputs: 8 }, maxContainers: 4 });
  driver.answer = () => undefined;
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { targetInputs: 2 }, setBy });
  await call(fn, 8);
  await until(() => expect(running(fn)).toHaveLength(4));
});

test("the next orchestrator finds it, also of a function that nobody calls", async () => {
  const fn = await world.deploy();
  await catalog.updateAutoscaler({ functionId: fn.functionId, changes: { minContainers: 2 }, setBy });
  await until(() => expect(running(fn)).toHaveLength(2));
  client.cut();
  await orchestrator.kill();
  driver.endAll();
  await start();
  await until(() => expect(running(fn)).toHaveLength(2));
  expect(orchestrator.engines.stats(fn.functionId).desiredContainers).toBe(2);
});
