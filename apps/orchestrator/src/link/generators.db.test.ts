import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
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
  fn = await world.deploy({ maxContainers: 1, retries: 3 }, { kind: "generator" });
  client = await orchestrator.client();
});

afterEach(() => {
  client.cut();
  driver.endAll();
  expect(world.errors).toEqual([]);
});

const value = (seq: number): Uint8Array => encodeValue(`value ${seq}`);

async function generating() {
  const opening = open(fn, "remoteGen", { inputCount: 1 });
  const { callId } = opening;
  client.send(opening, inputs(callId, 0), close(callId, 1));
  const agent = await until(() => {
    const found = driver.of(fn.functionId).find(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has the input");
    return found;
  });
  return { opening, callId, agent };
}

function yields(agent: TestAgent, firstSeq: number, count = 1): void {
  const values = Array.from({ length: count }, (_, offset) => value(firstSeq + offset));
  agent.send({ type: "yields", attempt: agent.attempt, firstSeq, values });
}

function seen(of: TestClient, callId: string): number[] {
  return of.of("yields", callId).flatMap(({ firstSeq, values }) => values.map((_, offset) => firstSeq + offset));
}

function takes(agent: TestAgent) {
  return agent.heard.flatMap((frame) => (frame.type === "take" ? [[frame.received, frame.resend]] : []));
}

test("values reach the caller as they come and in order, then the output, and what was taken reaches the generator", async () => {
  const { callId, agent } = await generating();
  yields(agent, 0, 2);
  yields(agent, 2);
  await until(() => expect(seen(client, callId)).toEqual([0, 1, 2]));
  client.send({ type: "take", callId, received: 3, resend: false });
  await until(() => expect(takes(agent)).toEqual([[3, false]]));
  yields(agent, 3);
  const [item] = agent.held;
  if (item) agent.end(item, encodeValue(4));
  await client.hears("finished", callId);
  expect(seen(client, callId)).toEqual([0, 1, 2, 3]);
  expect(client.of("yields").flatMap(({ values }) => values.map((bytes) => decodeValue(bytes)))).toEqual(
    [0, 1, 2, 3].map((seq) => `value ${seq}`),
  );
  expect(client.heard.findIndex(({ type }) => type === "outputs")).toBeGreaterThan(
    client.heard.findLastIndex(({ type }) => type === "yields"),
  );
});

test("a caller that was cut off gets what it lacks, and never sees a gap", async () => {
  const { opening, callId, agent } = await generating();
  yields(agent, 0, 3);
  await until(() => expect(seen(client, callId)).toEqual([0, 1, 2]));
  client.cut();
  await until(() => expect(orchestrator.engines.stats(fn.functionId).running).toBe(1));
  yields(agent, 3);
  const next = await orchestrator.client();
  next.send({ ...opening, resume: true }, inputs(callId, 0), close(callId, 1));
  next.send({ type: "watch", callId, fromIndex: 0 }, { type: "take", callId, received: 1, resend: true });
  await until(() => expect(takes(agent)).toEqual([[1, true]]));
  // One that was on its way comes before those that are sent again.
  yields(agent, 4);
  yields(agent, 1, 4);
  await until(() => expect(seen(next, callId)).toEqual([1, 2, 3, 4]));
  const [item] = agent.held;
  if (item) agent.end(item, encodeValue(5));
  await next.hears("finished", callId);
  // Its values are there for a caller that lacks some although it has the output.
  next.send({ type: "take", callId, received: 3, resend: true });
  await until(() => expect(takes(agent).at(-1)).toEqual([3, true]));
  agent.send({ type: "yields", attempt: [callId, 0, 1], firstSeq: 3, values: [value(3), value(4)] });
  await until(() => expect(seen(next, callId)).toEqual([1, 2, 3, 4, 3, 4]));
  next.cut();
});

test("a container that comes back is told what was taken, and to send the rest again", async () => {
  const { callId, agent } = await generating();
  yields(agent, 0, 3);
  await until(() => expect(seen(client, callId)).toHaveLength(3));
  client.send({ type: "take", callId, received: 2, resend: false });
  await until(() => expect(takes(agent)).toHaveLength(1));
  agent.cut();
  await until(() => expect(agent.isLinked).toBe(false));
  agent.connect();
  await until(() => expect(takes(agent).at(-1)).toEqual([2, true]));
});

test("a generator goes on through the death of the orchestrator", async () => {
  const { opening, callId, agent } = await generating();
  yields(agent, 0, 2);
  await until(() => expect(seen(client, callId)).toHaveLength(2));
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  await orchestrator.kill();
  orchestrator = await world.start([fn.functionId]);
  agent.connect();
  client = await orchestrator.client();
  client.send({ ...opening, resume: true }, inputs(callId, 0), close(callId, 1));
  client.send({ type: "watch", callId, fromIndex: 0 }, { type: "take", callId, received: 2, resend: true });
  await until(() => expect(takes(agent).at(-1)).toEqual([2, true]));
  yields(agent, 2);
  const [item] = agent.held;
  if (item) agent.end(item, encodeValue(3));
  await client.hears("finished", callId);
  expect(seen(client, callId)).toEqual([2]);
});

test("a generator that has begun is not run a second time when its container is lost", async () => {
  const { callId, agent } = await generating();
  yields(agent, 0);
  agent.send({ type: "started", attempts: [agent.attempt] });
  await until(() => expect(seen(client, callId)).toEqual([0]));
  driver.exit(agent.containerId, { code: "CONTAINER_CRASHED", message: "out of memory" });
  await client.hears("finished", callId);
  const [output] = client.outputs(callId);
  expect(output?.[1]).toBe(OUTPUT_STATUS.failed);
  expect(output && decodeValue(output[2])).toMatchObject({ code: "CONTAINER_CRASHED" });
});

test("values that nobody has any more are refused in words", async () => {
  const { callId, agent } = await generating();
  const [item] = agent.held;
  if (item) agent.end(item, encodeValue(0));
  await client.hears("finished", callId);
  driver.endAll();
  await orchestrator.kill();
  orchestrator = await world.start([fn.functionId]);
  client = await orchestrator.client();
  client.send({ type: "take", callId, received: 0, resend: true });
  expect((await client.hears("refused", callId)).error).toMatchObject({ code: "CONTAINER_CRASHED" });
});

test.each(["remote", "map", "spawn", "spawnMap"] as const)("a generator cannot be called with %s", async (kind) => {
  const opening = open(fn, kind);
  client.send(opening, inputs(opening.callId, 0));
  const { error } = await client.hears("refused", opening.callId);
  expect(error).toMatchObject({ code: "INVALID", message: expect.stringContaining("`remoteGen`") });
});

test("what yields not is not called with remoteGen", async () => {
  fn = await world.deploy();
  const opening = open(fn, "remoteGen");
  client.send(opening);
  expect((await client.hears("refused", opening.callId)).error.code).toBe("INVALID");
});
