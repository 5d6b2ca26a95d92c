/** What Postgres will never take ends in a refusal that its caller hears: nothing hangs, nothing mixes. */
import { connect } from "@bellows/db/connect";
import { calls } from "@bellows/db/schema/calls";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { type TestOrchestrator, testWorld, userOf } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const { db } = world.database;
let orchestrator: TestOrchestrator;
let fn: TestFunction;
let client: TestClient;

beforeEach(async () => {
  driver.answer = (item) => item[3];
  orchestrator = await world.start();
  fn = await world.deploy({ maxContainers: 1 });
  client = await orchestrator.client();
});

afterEach(async () => {
  client.cut();
  await orchestrator.kill();
  driver.endAll();
});

async function callRow(callId: string) {
  const [call] = await db.select().from(calls).where(eq(calls.id, callId));
  return call;
}

/** Postgres refuses rows of this table, as it would values that it cannot hold. */
async function refuseRows(table: string, when: string): Promise<() => Promise<void>> {
  const session = await connect(world.url);
  await session.query(`create or replace function refuse_row() returns trigger language plpgsql as
    $$ begin raise exception 'such a row cannot be stored' using errcode = '22000'; end $$`);
  await session.query(
    `create trigger refused before insert or update on ${table} for each row when (${when}) execute function refuse_row()`,
  );
  return async () => {
    await session.query(`drop trigger refused on ${table}`);
    await session.end();
  };
}

test("the id of another function's call is refused, whether that call runs or is over", async () => {
  const other = await world.deploy({ maxContainers: 1 });
  driver.answer = () => undefined;
  const running = open(fn, "spawn");
  client.send(running, inputs(running.callId, 0, 1), close(running.callId, 1));
  await client.hears("closed", running.callId);

  for (const state of ["running", "succeeded"]) {
    await until(async () => expect(await callRow(running.callId)).toMatchObject({ state }));
    for (const kind of ["spawnMap", "remote"] as const) {
      const thief = await orchestrator.client();
      thief.send(open(other, kind, { callId: running.callId }), inputs(running.callId, 0, kind === "remote" ? 1 : 2));
      const { error } = await thief.hears("refused", running.callId);
      expect(error).toMatchObject({ code: "CONFLICT", message: expect.stringMatching(/make a new (id|call)/) });
      thief.cut();
    }
    for (const agent of driver.of(fn.functionId)) for (const item of [...agent.held]) agent.end(item, item[3]);
    driver.answer = (item) => item[3];
  }
  expect(await callRow(running.callId)).toMatchObject({
    functionId: fn.functionId,
    receivedCount: 1,
    succeededCount: 1,
  });
  expect((await client.readAll(running.callId)).outputs).toHaveLength(1);
  await orchestrator.journal.stop();
});

test("an input that can never be stored ends its call, and says so", async () => {
  // No container comes up, so none of those that could be stored is over before.
  driver.links = false;
  const allow = await refuseRows("input_chunks", "new.first_index = 512");
  const opening = open(fn, "spawnMap");
  const chunks = [0, 512, 1_024].map((from) => inputs(opening.callId, from, LIMITS.inputsPerChunk));
  client.send(opening, ...chunks, close(opening.callId, 1_536));
  const { error } = await client.hears("refused", opening.callId);
  expect(error).toMatchObject({ code: "CONFLICT", message: expect.stringContaining("such a row cannot be stored") });
  await until(async () =>
    expect(await callRow(opening.callId)).toMatchObject({ state: "cancelled", receivedCount: 512 }),
  );
  const { outputs } = await client.readAll(opening.callId);
  expect(outputs).toHaveLength(512);
  driver.links = true;
  await allow();
});

test("so does one of a call that was cancelled meanwhile", async () => {
  const allow = await refuseRows("input_chunks", "true");
  const opening = open(fn, "spawnMap");
  client.send(opening);
  await client.hears("opened", opening.callId);
  client.send(inputs(opening.callId, 0, 10), { type: "cancel", callId: opening.callId, terminateContainers: false });
  await until(async () =>
    expect(await callRow(opening.callId)).toMatchObject({ state: "cancelled", receivedCount: 0 }),
  );
  await allow();
});

test("a call that can never be stored is refused, over HTTP too", async () => {
  const allow = await refuseRows("calls", "true");
  const opening = open(fn, "spawn");
  client.send(opening, inputs(opening.callId, 0, 1), close(opening.callId, 1));
  expect((await client.hears("refused", opening.callId)).error).toMatchObject({ code: "CONFLICT" });
  const call = { callId: newId(), functionId: fn.functionId, kind: "spawn", values: [new Uint8Array([1])] } as const;
  const submitted = orchestrator.engines.submit({
    ...call,
    values: [...call.values],
    idempotencyKey: "k",
    by: userOf(null),
  });
  await expect(submitted).rejects.toMatchObject({ code: "CONFLICT" });
  await allow();
  // The key is free again.
  const again = { ...call, callId: newId(), values: [...call.values], idempotencyKey: "k", by: userOf(null) };
  expect(await orchestrator.engines.submit(again)).toEqual({ callId: again.callId });
  await until(async () => expect(await callRow(again.callId)).toMatchObject({ state: "succeeded" }));
});

test("a retry that can never be stored leaves the call finished", async () => {
  driver.answer = () => undefined;
  const opening = open(fn, "spawnMap");
  client.send(opening, inputs(opening.callId, 0, 3), close(opening.callId, 3));
  await client.hears("closed", opening.callId);
  client.send({ type: "cancel", callId: opening.callId, terminateContainers: true });
  await until(async () => expect(await callRow(opening.callId)).toMatchObject({ state: "cancelled" }));
  const allow = await refuseRows("calls", "new.state = 'running'");
  await expect(orchestrator.engines.retryCall(opening.callId)).rejects.toMatchObject({ code: "CONFLICT" });
  expect((await client.readAll(opening.callId)).end).toMatchObject({ state: "cancelled" });
  await allow();
  driver.answer = (item) => item[3];
  expect(await orchestrator.engines.retryCall(opening.callId)).toEqual({ retried: 3 });
  expect((await client.readAll(opening.callId)).end).toMatchObject({ state: "succeeded" });
});

test("a key whose first caller was gone before its input came is the next one's", async () => {
  const idempotencyKey = "order-7";
  const first = open(fn, "spawn", { idempotencyKey });
  client.send(first);
  await client.hears("opened", first.callId);
  client.cut();
  client = await orchestrator.client();
  const second = open(fn, "spawn", { idempotencyKey });
  client.send(second, inputs(second.callId, 0, 1), close(second.callId, 1));
  expect(await client.hears("opened", second.callId)).toMatchObject({ existingCallId: first.callId });
  expect((await client.readAll(first.callId)).outputs).toHaveLength(1);
});

test("so is one whose call has ended empty", async () => {
  const idempotencyKey = "order-8";
  const first = open(fn, "spawn", { idempotencyKey });
  client.send(first);
  await client.hears("opened", first.callId);
  client.send(close(first.callId, 0));
  await until(async () => expect((await callRow(first.callId))?.state).not.toBe("running"));
  const second = open(fn, "spawn", { idempotencyKey });
  client.send(second, inputs(second.callId, 0, 1), close(second.callId, 1));
  expect(await client.hears("opened", second.callId)).toMatchObject({ existingCallId: second.callId });
  expect((await client.readAll(second.callId)).outputs).toHaveLength(1);
  expect(await db.execute(sql`select 1 from calls where idempotency_key = ${idempotencyKey}`)).toMatchObject({
    rowCount: 2,
  });
});
