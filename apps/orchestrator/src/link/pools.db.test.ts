import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import type { Pool } from "@bellows/protocol/client-frames";
import { encodeValue } from "@bellows/protocol/values";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const { db } = world.database;
let orchestrator: TestOrchestrator = await world.start();
let fn: TestFunction;
let client: TestClient;

const GERMAN: Pool = { settings: {}, parameters: encodeValue(["de"]) };
const WIDE: Pool = { settings: { maxInputs: 4, targetInputs: 4 }, parameters: encodeValue(["de"]) };

beforeEach(async () => {
  driver.answer = ([, , , value]) => value;
  fn = await world.deploy({}, { kind: "class" });
  client = await orchestrator.client();
});

afterEach(() => {
  client.cut();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

async function call(pool: Pool | null, kind: "map" | "spawn" = "map"): Promise<string> {
  const opening = open(fn, kind, { pool });
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  if (kind === "map") await client.hears("finished", opening.callId);
  else await client.hears("opened", opening.callId);
  return opening.callId;
}

function assignments() {
  return [...driver.agents.values()].flatMap(({ heard }) =>
    heard.flatMap((frame) => (frame.type === "assign" ? [frame.assignment] : [])),
  );
}

test("each pool has containers of its own, told what to construct, and one that is asked for again is the same", async () => {
  await call(null);
  await call(GERMAN);
  await call(WIDE);
  await call({ settings: { targetInputs: 4, maxInputs: 4 }, parameters: encodeValue(["de"]) });
  const told = assignments();
  expect(new Set(told.map(({ functionId }) => functionId)).size).toBe(3);
  expect(told.every(({ functionName }) => functionName === "ocr")).toBe(true);
  expect(told.map(({ parameters, maxInputs }) => [parameters && [...parameters], maxInputs])).toEqual(
    expect.arrayContaining([
      [null, 1],
      [[...encodeValue(["de"])], 1],
      [[...encodeValue(["de"])], 4],
    ]),
  );
  const rows = await db.select().from(functions).where(eq(functions.appId, fn.appId));
  expect(rows).toHaveLength(3);
});

test("a pool's durable calls are found again after a restart", async () => {
  driver.answer = () => undefined;
  const callId = await call(GERMAN, "spawn");
  const poolId = await until(() => {
    const held = [...driver.agents.values()].find((agent) => agent.held.length > 0);
    if (!held?.spec.functionId) throw new Error("no container has the input");
    return held.spec.functionId;
  });
  expect(poolId).not.toBe(fn.functionId);
  driver.endAll();
  driver.answer = ([, , , value]) => value;
  await orchestrator.kill();
  orchestrator = await world.start([poolId]);
  client = await orchestrator.client();
  expect((await client.readAll(callId)).end).toMatchObject({ state: "succeeded" });
  expect(assignments().every(({ functionId }) => functionId === poolId)).toBe(true);
});

test("a pool that cannot be is refused in words, and the function goes on", async () => {
  const wrong = open(fn, "map", { pool: { settings: { targetInputs: 9, maxInputs: 3 }, parameters: null } });
  client.send(wrong);
  expect((await client.hears("refused", wrong.callId)).error).toMatchObject({ code: "INVALID" });
  await call(null);
});

test.each([
  ["a class that has none of that name", { kind: "class", methods: ["read"] }, 'class "ocr" has no method "write"'],
  [
    "what is no class",
    { kind: "function" },
    '"ocr" is a function and has no methods; look it up with `functions.fromName`',
  ],
] satisfies [string, Parameters<typeof world.deploy>[1], string][])(
  "a method of %s is refused before anything runs",
  async (_what, settings, said) => {
    fn = await world.deploy({}, settings);
    const opening = open(fn, "remote", { method: "write" });
    client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
    const { error } = await client.hears("refused", opening.callId);
    expect(error).toMatchObject({ code: "INVALID", message: expect.stringContaining(said) });
    expect(driver.agents.size).toBe(0);
  },
);

test("a method of a class is called", async () => {
  fn = await world.deploy({}, { kind: "class", methods: ["read"] });
  const opening = open(fn, "map", { method: "read" });
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  expect((await client.hears("finished", opening.callId)).state).toBe("succeeded");
});

test("a pool is given up only when it is idle; one that was called a moment ago answers", async () => {
  driver.links = false;
  const opening = open(fn, "spawn", { pool: GERMAN });
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  await client.hears("opened", opening.callId);
  const idle = await world.deploy();
  await orchestrator.engines.ensure(idle.functionId);
  const { functionId } = await orchestrator.engines.named({ ...opening }, { isContainer: false });
  const given = await orchestrator.engines.giveUp([functionId, idle.functionId], async (ids) => ids);
  expect(given).toEqual([idle.functionId]);
  driver.links = true;
  for (const agent of driver.of(functionId)) agent.connect();
  expect((await client.readAll(opening.callId)).end).toMatchObject({ state: "succeeded" });
});

test.for([
  { archived: true, loaded: true },
  { archived: true, loaded: false },
  { archived: false, loaded: true },
])("a call that comes while its pool is given up waits, and then runs: $archived, $loaded", async (given) => {
  const { engines, directory } = orchestrator;
  const record = await directory.resolve(fn.environmentId, "pages", "ocr", GERMAN);
  if (given.loaded) await engines.ensure(record.functionId);
  let running: Promise<string> | undefined;
  await engines.giveUp([record.functionId], async (idle) => {
    expect(idle).toEqual([record.functionId]);
    running = call(GERMAN, "spawn");
    await client.served();
    const { rows } = await world.database.pool.query("select from calls where function_id = $1", [record.functionId]);
    expect(rows).toEqual([]);
    if (!given.archived) return;
    const archived = { archivedAtMs: world.now(), poolKey: record.functionId };
    await db.update(functions).set(archived).where(eq(functions.id, record.functionId));
    directory.invalidate();
  });
  const callId = (await running) ?? "";
  expect((await client.readAll(callId)).end).toMatchObject({ state: "succeeded" });
  const [row] = await db.select().from(calls).where(eq(calls.id, callId));
  expect(row?.functionId === record.functionId).toBe(!given.archived);
});
