import { calls } from "@bellows/db/schema/calls";
import { newId } from "@bellows/protocol/ids";
import { DEFAULT_LIMITS } from "@bellows/protocol/limits";
import { encodeValue } from "@bellows/protocol/values";
import { count, eq } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { testWorld, userOf } from "../testing-world.ts";

const world = await testWorld();
const { driver, clock } = world;
const { db } = world.database;
const orchestrator = await world.start();
let client: TestClient = await orchestrator.client();

afterEach(async () => {
  client.cut();
  client = await orchestrator.client();
  driver.endAll();
  driver.answer = ([, , , value]) => value;
  driver.links = true;
  expect(world.errors).toEqual([]);
});

async function storedCalls({ functionId }: TestFunction): Promise<number> {
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  const [row] = await db.select({ count: count() }).from(calls).where(eq(calls.functionId, functionId));
  return row?.count ?? 0;
}

test("as many spawned inputs may wait as the limit says, to the input, and one more leaves no trace", async () => {
  driver.links = false;
  const fn = await world.deploy({}, { limits: { pendingAsyncInputs: 1_000 } });
  const full = open(fn, "spawnMap", { inputCount: 999 });
  client.send(full, inputs(full.callId, 0, 200));
  await client.hears("stored", full.callId);
  // What was announced counts, although it has not come.
  const last = open(fn, "spawn", { inputCount: 1 });
  client.send(last, inputs(last.callId, 0), close(last.callId, 1));
  await client.hears("stored", last.callId);
  const over = open(fn, "spawn");
  client.send(over, inputs(over.callId, 0), close(over.callId, 1));
  expect((await client.hears("refused", over.callId)).error).toMatchObject({
    code: "LIMIT_EXCEEDED",
    details: { limit: "pendingAsyncInputs", max: 1_000, current: 1_000, retryAfterMs: expect.any(Number) },
  });
  const large = open(fn, "spawnMap", { inputCount: 1_001 });
  client.send(large);
  expect((await client.hears("refused", large.callId)).error.details).toMatchObject({ retryAfterMs: null });
  expect(await storedCalls(fn)).toBe(2);
  // Closed with fewer than were announced, the rest is free again.
  client.send(close(full.callId, 200));
  await client.served();
  const next = open(fn, "spawnMap", { inputCount: 799 });
  client.send(next, close(next.callId, 0));
  await client.hears("opened", next.callId);
});

test("a spawnMap of unknown length is refused when it exceeds the limit, and ends", async () => {
  driver.links = false;
  const fn = await world.deploy({}, { limits: { pendingAsyncInputs: 300 } });
  const opening = open(fn, "spawnMap");
  client.send(opening, inputs(opening.callId, 0, 200), inputs(opening.callId, 200, 101));
  expect((await client.hears("refused", opening.callId)).error.code).toBe("LIMIT_EXCEEDED");
  const { end } = await client.readAll(opening.callId);
  expect(end).toMatchObject({ state: "cancelled", counts: { cancelled: 200 } });
});

test("single sync calls past the limit are refused, and a map is held up instead and gets through", async () => {
  driver.links = false;
  const fn = await world.deploy({ maxContainers: 1 }, { limits: { pendingSyncInputs: 10, syncInputs: 11 } });
  const map = open(fn, "map");
  client.send(
    map,
    inputs(map.callId, 0, 5),
    inputs(map.callId, 5, 15),
    inputs(map.callId, 20, 10),
    close(map.callId, 30),
  );
  const { fromIndex, retryAfterMs, error } = await client.hears("later", map.callId);
  expect(error.code).toBe("LIMIT_EXCEEDED");
  expect(retryAfterMs).toBeGreaterThan(0);
  const single = open(fn, "remote", { inputCount: 1 });
  client.send(single, inputs(single.callId, 0), close(single.callId, 1));
  expect((await client.hears("refused", single.callId)).error.code).toBe("LIMIT_EXCEEDED");
  expect(fromIndex).toBe(10);
  expect(client.of("later", map.callId)).toHaveLength(1);
  expect(await storedCalls(fn)).toBe(1);
  driver.links = true;
  for (const agent of driver.of(fn.functionId)) agent.connect();
  // As a client does: what was not taken is sent again from where it was held up.
  await until(() => {
    const from = client.of("later", map.callId).at(-1)?.fromIndex ?? 0;
    if (client.of("finished", map.callId).length === 0 && from < 30) client.send(inputs(map.callId, from, 30 - from));
    expect(client.indexes(map.callId)).toHaveLength(30);
  });
  expect(await client.hears("finished", map.callId)).toMatchObject({ inputCount: 30, counts: { succeeded: 30 } });
  for (const [index, , payload] of client.outputs(map.callId)) expect(payload[0]).toBe(index);
});

test("a token opens exactly as many calls as its rate bears, and the local owner any number", async () => {
  const fn = await world.deploy({}, { limits: { syncCallsPerSecond: 10, asyncCallsPerSecond: 5 } });
  const limited = await orchestrator.client({ token: newId() });
  const warm = open(fn, "map");
  client.send(warm, close(warm.callId, 0));
  await client.hears("finished", warm.callId);
  // The bucket holds twenty seconds' worth; the clock stands still but for what these few frames take.
  const openings = Array.from({ length: 300 }, () => open(fn, "spawn"));
  limited.send(...openings.flatMap((opening) => [opening, inputs(opening.callId, 0), close(opening.callId, 1)]));
  await limited.served();
  const refused = limited.of("refused").filter(({ error }) => error.details?.limit === "asyncCallsPerSecond");
  expect(openings.length - refused.length).toBeGreaterThanOrEqual(100);
  expect(openings.length - refused.length).toBeLessThanOrEqual(104);
  expect(refused[0]?.error.details).toMatchObject({ max: 5, retryAfterMs: expect.any(Number) });
  expect(refused[0]?.error.message).toContain("asyncCallsPerSecond");
  // Sync calls have a rate of their own; a map is told to come later.
  const maps = Array.from({ length: 210 }, () => open(fn, "map"));
  limited.send(...maps);
  await limited.served();
  expect(limited.of("later").length).toBeGreaterThanOrEqual(5);
  expect(limited.of("later").every(({ fromIndex }) => fromIndex === null)).toBe(true);
  const [held] = limited.of("later");
  const again = maps.find(({ callId }) => callId === held?.callId);
  clock.aheadMs += 5_000;
  if (again) limited.send(again, close(again.callId, 0));
  expect(await limited.hears("finished", again?.callId)).toMatchObject({ state: "succeeded" });
  clock.aheadMs = 0;
  const owned = Array.from({ length: 300 }, () => open(fn, "map"));
  client.send(...owned.flatMap((opening) => [opening, close(opening.callId, 0)]));
  await until(() => expect(client.of("finished")).toHaveLength(301));
  limited.cut();
});

test("inputs that are to run again count as if they were sent anew, and are refused without a trace", async () => {
  const fn = await world.deploy({ maxContainers: 1 }, { limits: { pendingAsyncInputs: 10 } });
  driver.links = false;
  const ended = open(fn, "spawnMap", { inputCount: 6 });
  client.send(ended, inputs(ended.callId, 0, 6), close(ended.callId, 6));
  await client.hears("stored", ended.callId);
  await orchestrator.engines.cancelCall(ended.callId, { terminateContainers: false });
  await client.readAll(ended.callId);
  const waiting = open(fn, "spawnMap", { inputCount: 5 });
  client.send(waiting, inputs(waiting.callId, 0, 5), close(waiting.callId, 5));
  await client.hears("stored", waiting.callId);
  await expect(orchestrator.engines.retryCall(ended.callId)).rejects.toMatchObject({
    code: "LIMIT_EXCEEDED",
    details: { limit: "pendingAsyncInputs", max: 10, current: 5 },
  });
  const { end } = await client.readAll(ended.callId);
  expect(end).toMatchObject({ state: "cancelled", counts: { cancelled: 6 } });
  await orchestrator.engines.cancelCall(waiting.callId, { terminateContainers: false });
  await client.readAll(waiting.callId);
  expect(await orchestrator.engines.retryCall(ended.callId)).toEqual({ retried: 6 });
});

test("limits hold from the moment they are set", async () => {
  driver.links = false;
  const fn = await world.deploy();
  const submit = (values: number) =>
    orchestrator.engines.submit({
      callId: newId(),
      functionId: fn.functionId,
      kind: "spawnMap",
      values: Array.from({ length: values }, () => new Uint8Array(1)),
      idempotencyKey: null,
      by: userOf(null),
    });
  await submit(10);
  orchestrator.engines.limitsChanged(fn.environmentId, { ...DEFAULT_LIMITS, pendingAsyncInputs: 12, containers: 1 });
  await expect(submit(3)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  await submit(2);
  orchestrator.engines.limitsChanged("another environment", DEFAULT_LIMITS);
  await expect(submit(1)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  orchestrator.engines.limitsChanged(fn.environmentId, DEFAULT_LIMITS);
  await submit(1);
});

test("an environment's containers are counted over all its functions, and each may have one", async () => {
  driver.answer = () => undefined;
  const fn = await world.deploy(
    { maxContainers: 10, scaledownWindow: "2s" },
    { kind: "class", limits: { containers: 4 } },
  );
  const pools = [null, "de", "fr"].map((language) => language && { settings: {}, parameters: encodeValue([language]) });
  const spawned = async (pool: (typeof pools)[number], count: number): Promise<string> => {
    const opening = open(fn, "spawnMap", { pool: pool || null, inputCount: count });
    client.send(opening, inputs(opening.callId, 0, count), close(opening.callId, count));
    await client.hears("closed", opening.callId);
    return opening.callId;
  };
  const running = () => [...driver.agents.values()].filter(({ held }) => held.length > 0).length;
  const first = await spawned(pools[0] ?? null, 3);
  await until(() => expect(running()).toBe(3));
  await spawned(pools[1] ?? null, 3);
  await until(() => expect(running()).toBe(4));
  // No room is left, but whoever waits for this one may be what holds the others.
  await spawned(pools[2] ?? null, 3);
  await until(() => expect(running()).toBe(5));
  expect(driver.agents.size).toBe(5);
  client.send({ type: "cancel", callId: first, terminateContainers: true });
  // When those that are idle have gone, the others have their room.
  await until(() => expect(running()).toBe(4));
  expect(driver.agents.size).toBeLessThanOrEqual(5);
});

test("one key used on many links at once makes one call", async () => {
  driver.answer = () => undefined;
  const fn = await world.deploy();
  const links = await Promise.all(Array.from({ length: 8 }, () => orchestrator.client()));
  for (const link of links) {
    const opening = open(fn, "spawn", { idempotencyKey: "page 7", inputCount: 1 });
    link.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  }
  const opened = await Promise.all(links.map((link) => link.hears("opened")));
  expect(new Set(opened.map(({ existingCallId }) => existingCallId)).size).toBe(1);
  expect(await storedCalls(fn)).toBe(1);
  for (const link of links) link.cut();
});
