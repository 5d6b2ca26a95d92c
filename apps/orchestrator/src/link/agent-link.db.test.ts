import { connect } from "@bellows/db/connect";
import { functionOwners } from "@bellows/db/schema/function-owners";
import { logs } from "@bellows/db/schema/logs";
import { encodeFrames } from "@bellows/protocol/frame-codec";
import { countItems } from "@bellows/protocol/frame-parts";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
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
  fn = await world.deploy();
  client = await orchestrator.client();
  driver.answer = () => undefined;
});

afterEach(() => {
  client.cut();
  driver.links = true;
  driver.slots = 1;
  expect(world.errors).toEqual([]);
});

/** A call of so many inputs, the first of which is in the container that this returns. */
async function running(count = 1): Promise<{ callId: string; agent: TestAgent }> {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0, count), close(opening.callId, count));
  const agent = await until(() => {
    const [found] = driver.of(fn.functionId).filter(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has an input");
    return found;
  });
  return { callId: opening.callId, agent };
}

function linkAs(containerId: string): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${driver.port}/link/agent?container=${containerId}`);
}

function closeCodeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once("close", resolve));
}

function endAll(agent: TestAgent): void {
  for (const item of [...agent.held]) agent.end(item, item[3]);
}

function runsOf(agent: TestAgent): number {
  return agent.heard.reduce((sum, frame) => sum + (frame.type === "run" ? countItems(frame.inputs) : 0), 0);
}

test("a container is told what to run, and its output reaches the caller and Postgres", async () => {
  const { callId, agent } = await running();
  const [assign] = agent.heard;
  expect(assign).toMatchObject({ type: "assign", assignment: { functionId: fn.functionId, functionName: "ocr" } });
  endAll(agent);
  expect(await client.hears("finished", callId)).toMatchObject({ state: "succeeded" });
  await until(() => expect(agent.unacknowledged).toBe(0));
});

test("an output is acknowledged after its commit and not before, while its sync caller has it at once", async () => {
  const { callId, agent } = await running();
  await client.hears("stored", callId);
  const blocker = await connect(world.url, "blocker");
  await blocker.query("begin; lock table outputs in share mode");
  endAll(agent);
  await client.hears("finished", callId);
  await client.served();
  expect(agent.unacknowledged).toBe(1);
  await blocker.query("commit");
  await blocker.end();
  await until(() => expect(agent.unacknowledged).toBe(0));
});

test("an input handed to a link that was dead already is handed over again on the next one", async () => {
  fn = await world.deploy({ maxContainers: 1 });
  const { agent, callId } = await running();
  agent.deaf = true;
  endAll(agent);
  await client.hears("finished", callId);
  const second = open(fn, "map");
  client.send(second, inputs(second.callId, 0), close(second.callId, 1));
  await client.hears("stored", second.callId);
  agent.deaf = false;
  // The orchestrator has not noticed that the old link is dead.
  agent.connect();
  driver.answer = ([, , , value]) => value;
  expect(await client.hears("finished", second.callId)).toMatchObject({ state: "succeeded" });
});

test("a container that comes back with what it holds is not handed it again", async () => {
  const { callId, agent } = await running();
  const runs = runsOf(agent);
  agent.cut();
  await until(() => expect(agent.isLinked).toBe(false));
  agent.connect();
  await until(() => expect(agent.heard.filter(({ type }) => type === "assign")).toHaveLength(2));
  endAll(agent);
  expect(await client.hears("finished", callId)).toMatchObject({ counts: { succeeded: 1 } });
  expect(runsOf(agent)).toBe(runs);
});

test("an output offered again after a cut is counted once", async () => {
  const { callId, agent } = await running(2);
  agent.deaf = true;
  for (const item of agent.held.slice(0, 1)) agent.end(item, item[3]);
  await until(() => expect(client.indexes(callId)).toHaveLength(1));
  agent.cut();
  agent.deaf = false;
  driver.answer = ([, , , value]) => value;
  agent.connect();
  await until(() => expect(agent.unacknowledged).toBe(0));
  for (const other of driver.of(fn.functionId)) endAll(other);
  expect(await client.hears("finished", callId)).toMatchObject({ counts: { succeeded: 2 } });
});

test("a lost input goes to a container again, a returned one too", async () => {
  const { callId, agent } = await running();
  const [item] = agent.held.splice(0);
  if (!item) throw new Error("it held one");
  const error = { code: "CONTAINER_CRASHED", message: "out of memory" } as const;
  agent.send({ type: "lost", attempts: [[item[0], item[1], item[2]]], error });
  agent.ready();
  const again = await until(() => {
    const [next] = driver.of(fn.functionId).flatMap(({ held }) => held);
    if (!next) throw new Error("not handed over yet");
    return next;
  });
  expect(again[2]).toBe(item[2] + 1);
  for (const other of driver.of(fn.functionId)) endAll(other);
  expect(await client.hears("finished", callId)).toMatchObject({ state: "succeeded" });
});

test("a failed start is the caller's error once there is no hope, and the container is ended", async () => {
  driver.links = false;
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  const failed = new Set<string>();
  await until(() => {
    for (const agent of driver.of(fn.functionId)) {
      if (failed.has(agent.containerId)) continue;
      failed.add(agent.containerId);
      agent.connect();
    }
    for (const agent of driver.of(fn.functionId)) {
      agent.send({ type: "startFailed", error: { code: "STARTUP", message: "import threw" } });
    }
    expect(client.of("finished", opening.callId)).toHaveLength(1);
  });
  expect(client.outputs(opening.callId)[0]?.[1]).toBe(OUTPUT_STATUS.failed);
  await until(() => expect(driver.of(fn.functionId)).toEqual([]));
});

test("what a container says of another function's call changes nothing there", async () => {
  const { callId, agent } = await running();
  const other = await world.deploy();
  const opening = open(other, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  const stranger = await until(() => {
    const [found] = driver.of(other.functionId).filter(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has an input");
    return found;
  });
  client.send({ type: "followLogs", appId: fn.appId });
  await client.served();
  const forged = linkAs(stranger.containerId);
  await new Promise((resolve) => forged.once("open", resolve));
  const payload = encodeValue("forged");
  const { succeeded } = OUTPUT_STATUS;
  forged.send(
    encodeFrames([
      { type: "outputs", firstSeq: 1, outputs: [[callId, [[0, 1, succeeded, payload, 1, 2]]]] },
      { type: "yields", attempt: [callId, 0, 1], firstSeq: 0, values: [payload] },
      { type: "logs", lines: [[1, "stdout", callId, 0, "forged"]] },
    ]),
  );
  await until(async () => {
    const rows = await world.database.db.select().from(logs).where(eq(logs.containerId, stranger.containerId));
    expect(rows).toMatchObject([{ text: "forged", callId: null, idx: null, functionId: other.functionId }]);
  });
  expect(orchestrator.engines.liveCall(fn.functionId, callId)?.state).toBe("running");
  endAll(agent);
  const { outputs } = await client.readAll(callId);
  expect(outputs).toHaveLength(1);
  expect(outputs[0]).toContain(agent.containerId);
  forged.terminate();
});

test("a container that no engine knows is turned away", async () => {
  expect(await closeCodeOf(linkAs(newId()))).toBe(4404);
});

test("an agent that breaks the protocol is cut off with 4400", async () => {
  const { agent } = await running();
  const socket = linkAs(agent.containerId);
  socket.once("open", () => socket.send(encodeFrames([{ type: "outputs", firstSeq: 0, outputs: [] }])));
  expect(await closeCodeOf(socket)).toBe(4400);
  agent.connect();
});

test("a newer link of a container replaces the older one", async () => {
  const { agent } = await running();
  const older = linkAs(agent.containerId);
  await new Promise((resolve) => older.once("message", resolve));
  agent.connect();
  expect(await closeCodeOf(older)).toBe(4404);
});

test("what a container held while its worker was not ready stays its own, less what it gave back meanwhile", async () => {
  driver.slots = 2;
  const { callId, agent } = await running(2);
  await until(() => expect(driver.of(fn.functionId).flatMap(({ held }) => held)).toHaveLength(2));
  const runs = runsOf(agent);
  const had = agent.held.length;
  agent.cut();
  await until(() => expect(agent.isLinked).toBe(false));
  agent.connect({ ready: false });
  await until(() => expect(agent.heard.filter(({ type }) => type === "assign")).toHaveLength(2));
  endAll(agent);
  await until(() => expect(agent.unacknowledged).toBe(0));
  agent.ready();
  for (const other of driver.of(fn.functionId)) endAll(other);
  expect(await client.hears("finished", callId)).toMatchObject({ counts: { succeeded: 2 } });
  expect(runsOf(agent)).toBe(runs);
  expect(had).toBeGreaterThan(0);
  // Nothing that is over takes a slot: the container is idle, and takes the next call.
  const stats = orchestrator.engines.stats(fn.functionId);
  expect(stats.running).toBe(0);
});

test("logs are stored and followed under the function's name", async () => {
  const { agent } = await running();
  client.send({ type: "followLogs", appId: fn.appId });
  await client.served();
  agent.send({ type: "logs", lines: [[Date.now(), "stdout", null, null, "hello"]] });
  const { lines } = await client.hears("logs");
  expect(lines[0]).toMatchObject(["ocr", expect.any(Number), "stdout", null, null, agent.containerId, "hello"]);
});

test("an owner that is one no longer acknowledges nothing, and its clients are sent away to ask again", async () => {
  const { callId, agent } = await running();
  await client.hears("stored", callId);
  const blocker = await connect(world.url, "another orchestrator");
  await blocker.query("select pg_advisory_lock(hashtextextended($1, 7237121003))", [fn.appId]);
  await world.database.db
    .update(functionOwners)
    .set({ orchestratorId: fn.appId, epoch: 99 })
    .where(eq(functionOwners.functionId, fn.functionId));
  endAll(agent);
  await until(() => expect(agent.isLinked).toBe(false));
  expect(agent.unacknowledged).toBe(1);
  await until(() => expect(client.closedWith).toBeDefined());
  client = await orchestrator.client();
  client.send({ ...open(fn, "map"), callId, resume: true }, { type: "watch", callId, fromIndex: 0 });
  expect((await client.hears("refused", callId)).error.message).toContain("owned by the orchestrator");
  await blocker.end();
  expect(world.errors.splice(0).join()).toContain("taken the function over");
});

test("nothing is started after the containers were let go", async () => {
  await running();
  const started = driver.of(fn.functionId).length;
  const engine = orchestrator.engines.loaded({
    environment: fn.environmentId,
    app: "pages",
    function: "ocr",
    pool: null,
  });
  await orchestrator.kill();
  engine?.feed([{ type: "tick" }]);
  expect(driver.of(fn.functionId)).toHaveLength(started);
  orchestrator = await world.start();
});

test("a container whose host asks it to end gets nothing more, and is told to end when it holds nothing", async () => {
  const { agent } = await running();
  agent.send({ type: "draining" });
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0, 1), close(opening.callId, 1));
  await until(() => expect(driver.of(fn.functionId).filter(({ held }) => held.length > 0)).toHaveLength(2));
  expect(runsOf(agent)).toBe(1);
  expect(agent.heard.map(({ type }) => type)).not.toContain("drain");
  endAll(agent);
  await until(() => expect(agent.heard.map(({ type }) => type)).toContain("drain"));
});
