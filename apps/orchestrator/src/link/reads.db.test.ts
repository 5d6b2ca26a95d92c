import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
let orchestrator: TestOrchestrator = await world.start();
let fn: TestFunction;
let client: TestClient;

beforeEach(async () => {
  driver.answer = () => undefined;
  driver.slots = 8;
  fn = await world.deploy({ maxContainers: 1, concurrent: { maxInputs: 8 } });
  client = await orchestrator.client();
});

afterEach(() => {
  client.cut();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

/** A spawned call of so many inputs, all of them in one container. */
async function spawned(count: number): Promise<{ callId: string; agent: TestAgent }> {
  const opening = open(fn, "spawnMap");
  const { callId } = opening;
  client.send(opening, inputs(callId, 0, count), close(callId, count));
  const agent = await until(() => {
    const found = driver.of(fn.functionId).find(({ held }) => held.length === Math.min(count, 8));
    if (!found) throw new Error("not all inputs are in the container");
    return found;
  });
  return { callId, agent };
}

function end(agent: TestAgent, index: number): void {
  const item = agent.held.find((held) => held[1] === index);
  if (item) agent.end(item, item[3]);
}

async function pageOf(requestId: number, from = client) {
  return until(() => {
    const page = from.of("page").find((frame) => frame.requestId === requestId);
    if (!page) throw new Error(`no answer to read ${requestId}`);
    return { indexes: page.outputs.map(([index]) => index), end: page.end };
  });
}

test("a read waits for its output, and is answered without a gap", async () => {
  const { callId, agent } = await spawned(4);
  const waiting = client.read(callId, 0);
  end(agent, 1);
  end(agent, 3);
  await until(() => expect(agent.unacknowledged).toBe(0));
  await client.served();
  expect(client.of("page")).toEqual([]);
  end(agent, 0);
  expect(await pageOf(waiting)).toEqual({ indexes: [0], end: null });
  expect(await pageOf(client.read(callId, 0))).toEqual({ indexes: [0, 1], end: null });
  expect(await pageOf(client.read(callId, 0, 1))).toEqual({ indexes: [0], end: null });
  end(agent, 2);
  expect((await client.readAll(callId)).outputs.map(([index]) => index)).toEqual([0, 1, 2, 3]);
});

test("a read past the last input waits for the end of the call, and gets it without outputs", async () => {
  const { callId, agent } = await spawned(2);
  const past = client.read(callId, 2);
  end(agent, 0);
  end(agent, 1);
  expect(await pageOf(past)).toMatchObject({ indexes: [], end: { state: "succeeded", inputCount: 2 } });
  expect(await pageOf(client.read(callId, 0))).toMatchObject({ indexes: [0, 1], end: { counts: { succeeded: 2 } } });
});

test("a read that nobody waits for any more is not answered", async () => {
  const { callId, agent } = await spawned(1);
  const [unread, waiting] = [client.read(callId, 0), client.read(callId, 0)];
  client.send({ type: "unread", requestId: unread }, { type: "unread", requestId: 99 });
  await client.served();
  end(agent, 0);
  await pageOf(waiting);
  expect(client.of("page").map(({ requestId }) => requestId)).toEqual([waiting]);
});

test("a read of the call that is being opened on the same link waits until there is one", async () => {
  driver.answer = ([, , , value]) => value;
  const opening = open(fn, "spawn");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  expect(await client.page(opening.callId, 0)).toMatchObject({ outputs: [expect.anything()] });
});

test("a call that was never made is not found, and one that is too old has expired", async () => {
  const [unknown, expired] = [newId(), newId(Date.now() - LIMITS.retentionMs - 60_000)];
  await expect(client.page(unknown, 0)).rejects.toThrow("there is no call");
  await expect(client.page(expired, 0)).rejects.toThrow("kept for 7 days");
  await expect(client.page("x".repeat(36), 0)).rejects.toThrow("there is no call");
  expect(client.of("readFailed").map(({ error }) => error.code)).toEqual(["NOT_FOUND", "OUTPUT_EXPIRED", "NOT_FOUND"]);
});

test("a read that waits through the death of the orchestrator is answered by the next one, asked again", async () => {
  const { callId, agent } = await spawned(2);
  client.read(callId, 0);
  await client.hears("stored", callId);
  await orchestrator.kill();
  end(agent, 0);
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  const waiting = client.read(callId, 0);
  agent.connect();
  expect(await pageOf(waiting)).toEqual({ indexes: [0], end: null });
  end(agent, 1);
  expect((await client.readAll(callId)).end).toMatchObject({ state: "succeeded", counts: { succeeded: 2 } });
});

test("many reads of one call at once are all answered", async () => {
  const { callId, agent } = await spawned(8);
  const requests = Array.from({ length: 400 }, (_, at) => client.read(callId, at % 8, 1));
  for (let index = 7; index >= 0; index--) end(agent, index);
  for (const [at, requestId] of requests.entries()) expect((await pageOf(requestId)).indexes).toEqual([at % 8]);
});

test("a client that does not read gets every output and the end after it, and holds up nobody", async () => {
  const size = 1024 * 1024;
  driver.slots = 1;
  driver.answer = ([, index]) => new Uint8Array(size).fill(index);
  const opening = open(fn, "map");
  const { callId } = opening;
  client.socket.pause();
  client.send(opening, inputs(callId, 0, 40), close(callId, 40));
  const stored = await orchestrator.client();
  await until(async () => expect((await stored.readAll(callId)).end.counts.succeeded).toBe(40));
  stored.cut();
  client.socket.resume();
  await client.hears("finished", callId);
  expect(client.indexes(callId)).toHaveLength(40);
  for (const [index, , payload] of client.outputs(callId)) expect(payload[size - 1]).toBe(index);
  const last = client.heard.findLastIndex(({ type }) => type === "outputs");
  expect(client.heard.findIndex(({ type }) => type === "finished")).toBeGreaterThan(last);
});
