import { type ErrorData, NotFoundError } from "@bellows/protocol/errors";
import { decodeValue } from "@bellows/protocol/values";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient, until } from "../testing-client.ts";
import type { TestAgent } from "../testing-containers.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver, hooks } = world;
const orchestrator: TestOrchestrator = await world.start();
const missing = new NotFoundError('there is no secret "db"');
let fn: TestFunction;
let client: TestClient;

beforeEach(async () => {
  hooks.secrets = async () => ({ URL: "postgres://" });
  fn = await world.deploy({ secrets: ["db"] });
  client = await orchestrator.client();
  driver.answer = () => undefined;
});

afterEach(() => {
  client.cut();
  driver.endAll();
  world.errors.length = 0;
});

function call(): string {
  const opening = open(fn, "map");
  client.send(opening, inputs(opening.callId, 0), close(opening.callId, 1));
  return opening.callId;
}

function busy(): Promise<TestAgent> {
  return until(() => {
    const [found] = driver.of(fn.functionId).filter(({ held }) => held.length > 0);
    if (!found) throw new Error("no container has an input");
    return found;
  });
}

test("a container gets the variables of the secrets that its function names", async () => {
  const asked: string[] = [];
  hooks.secrets = async (names) => {
    asked.push(...names);
    return { URL: "postgres://" };
  };
  call();
  const agent = await busy();
  expect(agent.heard[0]).toMatchObject({ type: "assign", assignment: { secrets: { URL: "postgres://" } } });
  expect(asked).toEqual(["db"]);
});

test("a start waits while Postgres is away, instead of failing", async () => {
  let failures = 3;
  hooks.secrets = async () => {
    if (failures-- > 0) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    return { URL: "postgres://" };
  };
  call();
  expect((await busy()).heard[0]).toMatchObject({ assignment: { secrets: { URL: "postgres://" } } });
  expect(driver.of(fn.functionId)).toHaveLength(1);
});

test("a secret that is not there fails the start, and the caller is told its name", async () => {
  hooks.secrets = async () => {
    throw missing;
  };
  const callId = call();
  await client.hears("finished", callId);
  const [, , payload] = client.outputs(callId)[0] ?? [];
  expect((decodeValue(payload ?? new Uint8Array()) as ErrorData).message).toContain(missing.message);
});

test("what went wrong inside is not the caller's to read", async () => {
  hooks.secrets = async () => {
    throw Object.assign(new Error("Failed query: select sealed from secrets"), { code: "22P02" });
  };
  const callId = call();
  await client.hears("finished", callId);
  const [, , payload] = client.outputs(callId)[0] ?? [];
  const error = decodeValue(payload ?? new Uint8Array()) as ErrorData;
  expect(error.message).toMatch(/secrets could not be read.*orchestrator's log/);
  expect(JSON.stringify(error)).not.toContain("select");
});

test("a container that runs does not end when its secret cannot be read while it comes back", async () => {
  const callId = call();
  const agent = await busy();
  hooks.secrets = async () => {
    throw missing;
  };
  agent.cut();
  await until(() => expect(agent.isLinked).toBe(false));
  agent.connect();
  await until(() => expect(agent.heard.filter(({ type }) => type === "assign")).toHaveLength(2));
  for (const item of [...agent.held]) agent.end(item, item[3]);
  expect(await client.hears("finished", callId)).toMatchObject({ state: "succeeded" });
});
