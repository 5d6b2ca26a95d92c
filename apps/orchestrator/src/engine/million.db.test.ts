import { afterAll, expect, test } from "vitest";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import { testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const INPUTS = 1_000_000;
const CHUNK = 500;
const MEBIBYTE = 1024 * 1024;
/** The client's own buffer is not what is measured. */
const CLIENT_BYTES = 1 * MEBIBYTE;

afterAll(() => expect(world.errors).toEqual([]));

async function sendAll(client: TestClient, callId: string): Promise<void> {
  for (let from = 0; from < INPUTS; from += CHUNK) {
    client.send(inputs(callId, from, CHUNK));
    while (client.socket.bufferedAmount > CLIENT_BYTES) await new Promise((resolve) => setImmediate(resolve));
  }
  client.send(close(callId, INPUTS));
  await until(() => expect(client.of("stored", callId)).toHaveLength(INPUTS / CHUNK), 60_000);
}

test("a million inputs wait in 200 MiB, and a cancel takes effect within a second", { timeout: 120_000 }, async () => {
  driver.answer = () => undefined;
  const orchestrator = await world.start();
  const fn = await world.deploy({ maxContainers: 2 });
  const client = await orchestrator.client();
  const idleBytes = process.memoryUsage().rss;
  const opening = open(fn, "spawnMap", { inputCount: INPUTS });
  const { callId } = opening;
  client.send(opening);
  await sendAll(client, callId);
  // Client, containers and orchestrator are one process here, and all of it is counted.
  expect(process.memoryUsage().rss - idleBytes).toBeLessThan(200 * MEBIBYTE);
  const held = () => driver.of(fn.functionId).flatMap((agent) => agent.held);
  await until(() => expect(held().length).toBeGreaterThan(0));
  const runs = () => driver.of(fn.functionId).flatMap(({ heard }) => heard.filter(({ type }) => type === "run")).length;
  client.send({ type: "cancel", callId, terminateContainers: false });
  await until(() => {
    expect(held()).toEqual([]);
    expect(orchestrator.engines.liveCall(fn.functionId, callId)?.running ?? []).toEqual([]);
  }, 1_000);
  const runsThen = runs();
  const last = client.read(callId, INPUTS);
  await until(() => expect(client.of("page").some(({ requestId }) => requestId === last)).toBe(true), 60_000);
  expect(client.of("page").at(-1)?.end).toMatchObject({ state: "cancelled", counts: { cancelled: INPUTS } });
  expect(runs()).toBe(runsThen);
  client.cut();
  await orchestrator.kill();
});
