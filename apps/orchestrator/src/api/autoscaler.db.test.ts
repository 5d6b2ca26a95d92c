/** The autoscaler over HTTP: who may ask and change what, who is written down as the author, how what is wrong is said. */
import { environments } from "@bellows/db/schema/environments";
import { newId } from "@bellows/protocol/ids";
import { encodeValue } from "@bellows/protocol/values";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { createHttpServer } from "./http-server.ts";
import { addUser, deployTestApp, testStack } from "./testing-stack.ts";

const stack = await testStack();
const { db, clock, containerTokens, directory, engines } = stack;
const server = createHttpServer({
  ...stack,
  host: "127.0.0.1",
  port: 0,
  socketPath: null,
  isReady: () => true,
  clientLink: (_request, socket) => void socket.end(),
  agentLink: (_request, socket) => void socket.end(),
});
await server.start();
afterAll(() => server.stop());

const editor = await addUser(stack, "editor");
const viewer = await addUser(stack, "viewer");
const containerId = newId();
const containerToken = containerTokens.containerToken(containerId);
engines.environments.set(containerId, "main");
engines.functions.set(containerId, "jobs/morning");

await db.insert(environments).values({ id: newId(), name: "staging", createdAtMs: clock.nowMs });
const { functions: deployed } = await deployTestApp(stack, "pages", { ocr: { concurrent: { maxInputs: 8 } } });
const { functions: elsewhere } = await deployTestApp(stack, "pages", { ocr: {} }, { environment: "staging" });
const ocr = { app: "pages", name: "ocr" };
const functionId = deployed[0]?.id ?? "";
const otherId = elsewhere[0]?.id ?? "";

const setting = z.object({ value: z.number(), layer: z.string(), setBy: z.string().nullable() });
const view = z.object({ functionId: z.string(), settings: z.record(z.string(), setting) });
const refusal = z.object({ code: z.string(), message: z.string() });
const answerSchema = z.union([
  z.object({ result: z.object({ data: view }) }),
  z.object({ error: z.object({ data: z.object({ bellows: refusal }) }) }),
]);

async function asked(response: Response) {
  const answer = answerSchema.parse(await response.json());
  return "result" in answer ? answer.result.data : answer.error.data.bellows;
}

async function update(input: object, token = editor.token) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const url = `${server.url}/trpc/functions.updateAutoscaler`;
  return asked(await fetch(url, { method: "POST", headers, body: JSON.stringify(input) }));
}

async function preview(input: object) {
  const headers = { authorization: `Bearer ${viewer.token}`, "content-type": "application/json" };
  const url = `${server.url}/trpc/functions.preview`;
  return asked(await fetch(url, { method: "POST", headers, body: JSON.stringify(input) }));
}

async function look(input: object, token = viewer.token) {
  const url = `${server.url}/trpc/functions.autoscaler?input=${encodeURIComponent(JSON.stringify(input))}`;
  return asked(await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
}

test("whoever may change things changes it, by name or by id; whoever may look sees it", async () => {
  const byEditor = { settings: { minContainers: { value: 2, layer: "override", setBy: "the editor" } } };
  expect(await update({ ...ocr, changes: { minContainers: 2 } })).toMatchObject({ functionId, ...byEditor });
  expect(await look(ocr)).toMatchObject(byEditor);
  expect(await look({ id: functionId })).toMatchObject(byEditor);
  const changes = { minContainers: null, scaledownWindow: "5m" };
  expect(await update({ id: functionId, changes })).toMatchObject({
    settings: { minContainers: { value: 0, layer: "default" }, scaledownWindowMs: { value: 300_000 } },
  });
  expect(await update({ ...ocr, changes: { minContainers: 1 } }, viewer.token)).toMatchObject({
    code: "PERMISSION_DENIED",
  });
});

test("code in a container changes functions of its environment, under the name of its function, and no others", async () => {
  expect(await update({ ...ocr, changes: { minContainers: 3 } }, containerToken)).toMatchObject({
    settings: { minContainers: { value: 3, layer: "override", setBy: "jobs/morning" } },
  });
  expect(await look({ id: functionId }, containerToken)).toMatchObject({ functionId });
  const there = { ...ocr, environment: "staging" };
  const changes = { minContainers: 3 };
  expect(await update({ ...there, changes }, containerToken)).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(await update({ id: otherId, changes }, containerToken)).toMatchObject({ code: "NOT_FOUND" });
  expect(await look(there, containerToken)).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(await look({ id: otherId }, containerToken)).toMatchObject({ code: "NOT_FOUND" });
  expect(await look(there)).toMatchObject({ settings: { minContainers: { value: 0 } } });
});

test("a pool is made when it is changed, as by a call, and not by a look", async () => {
  const pool = { settings: { maxInputs: 4, targetInputs: 4 }, parameters: null };
  expect(await look({ ...ocr, pool })).toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringContaining('nobody has used this pool of "ocr" yet'),
  });
  const made = await update({ ...ocr, pool, changes: { targetInputs: 2 } });
  expect(made).toMatchObject({ settings: { targetInputs: { value: 2, layer: "override" } } });
  expect(await look({ ...ocr, pool })).toEqual(made);
  const record = await directory.resolve("main", "pages", "ocr", pool);
  expect(made).toMatchObject({ functionId: record.functionId });
  expect(await look(ocr)).toMatchObject({ settings: { targetInputs: { value: 8, layer: "code" } } });
  // Code makes none with what its function was not given, in this way neither.
  const secret = { settings: { secrets: ["of-others"] }, parameters: null };
  expect(await update({ ...ocr, pool: secret, changes: { minContainers: 1 } }, containerToken)).toMatchObject({
    code: "PERMISSION_DENIED",
  });
});

test.each([
  [{ ...ocr, changes: {} }, "INVALID", "nothing was asked for"],
  [{ ...ocr }, "INVALID", "and write its `changes`"],
  [{ ...ocr, changes: null }, "INVALID", "null is not an object of settings"],
  [{ ...ocr, changes: { minContainer: 1 } }, "INVALID", "minContainer: there is no such option"],
  [{ ...ocr, changes: { scaledownWindow: 300 } }, "INVALID", 'did you mean "300s"?'],
  [{ ...ocr, changes: { minContainers: 101 } }, "INVALID", "minContainers: 101 is above maxContainers 100"],
  [{ ...ocr, changes: { targetInputs: 9 } }, "INVALID", "concurrent.targetInputs: 9 is above maxInputs 8"],
  [{ app: "pages", name: "ocra", changes: { minContainers: 1 } }, "NOT_FOUND", 'has no function "ocra"; it has "ocr"'],
  [{ id: newId(), changes: { minContainers: 1 } }, "NOT_FOUND", "there is no function"],
  [{ changes: { minContainers: 1 } }, "INVALID", "name the function, either { id } or { app, name }"],
  [
    {
      ...ocr,
      pool: { settings: {}, parameters: Buffer.from(encodeValue([1])).toString("base64") },
      changes: { minContainers: 1 },
    },
    "INVALID",
    '"ocr" is a function and takes no constructor arguments',
  ],
  [
    { ...ocr, pool: { settings: { written: [] }, parameters: null }, changes: { minContainers: 1 } },
    "INVALID",
    "option written: it belongs to the code",
  ],
])("%j is refused: %s", async (input, code, message) => {
  expect(await update(input)).toMatchObject({ code, message: expect.stringContaining(message) });
});

// Whoever asks for no changes comes as far as the arrivals, of which there are none.
test.each([
  [{}, "no input arrived in this time"],
  [{ changes: {} }, "no input arrived in this time"],
  [{ changes: null }, "null is not an object of settings"],
  [{ changes: 5 }, "5 is not an object of settings"],
  [{ changes: true }, "true is not an object of settings"],
  [{ changes: "" }, "is not an object of settings"],
  [{ changes: [] }, "is not an object of settings"],
  [{ changes: { minContainer: 1 } }, "minContainer: there is no such option"],
])("a preview of %j is refused: %s", async (input, message) => {
  const arrivals = { source: "recorded", fromMs: clock.nowMs - 60_000, toMs: clock.nowMs };
  expect(await preview({ functionId, arrivals, ...input })).toMatchObject({
    code: "INVALID",
    message: expect.stringContaining(message),
  });
});
