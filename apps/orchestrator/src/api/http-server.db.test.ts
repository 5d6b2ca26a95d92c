import { request as httpRequest } from "node:http";
import { environments } from "@bellows/db/schema/environments";
import { functions } from "@bellows/db/schema/functions";
import { encodeBundle } from "@bellows/protocol/bundles";
import { ConflictError } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { FunctionKind } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { eq } from "drizzle-orm";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createSignInCode } from "../catalog/sign-in.ts";
import { createHttpServer, type HttpServerDeps } from "./http-server.ts";
import { addCall, addUser, deployTestApp, testStack } from "./testing-stack.ts";

const stack = await testStack();
const { clock, containerTokens, engines } = stack;
const upgraded: string[] = [];
const SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
let ready = true;
const deps: HttpServerDeps = {
  ...stack,
  host: "127.0.0.1",
  port: 0,
  socketPath: null,
  isReady: () => ready,
  clientLink: (_request, socket, _head, principal) => {
    upgraded.push(`client ${principal.kind}`);
    socket.end(SWITCHED);
  },
  agentLink: (_request, socket, _head, principal) => {
    upgraded.push(`agent ${principal.kind}`);
    socket.end(SWITCHED);
  },
};
const server = createHttpServer(deps);
await server.start();
afterAll(() => server.stop());

const owner = await addUser(stack, "owner");
const editor = await addUser(stack, "editor");
const viewer = await addUser(stack, "viewer");
const containerId = newId();
const containerToken = containerTokens.containerToken(containerId);

function bearer(token?: string): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

const bellows = z.object({ code: z.string(), message: z.string() });
const bodySchema = z.object({
  result: z.object({ data: z.unknown().optional() }).optional(),
  error: z.union([z.object({ data: z.object({ bellows }) }), bellows]).optional(),
});

interface Answer {
  status: number;
  data: unknown;
  bellows: { code: string; message: string } | undefined;
}

async function query(procedure: string, input: unknown, token?: string): Promise<Answer> {
  const url = `${server.url}/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
  return answer(await fetch(url, { headers: bearer(token) }));
}

async function mutate(procedure: string, input: unknown, token?: string): Promise<Answer> {
  const headers = { ...bearer(token), "content-type": "application/json" };
  return answer(
    await fetch(`${server.url}/trpc/${procedure}`, { method: "POST", headers, body: JSON.stringify(input) }),
  );
}

async function answer(response: Response): Promise<Answer> {
  const body = bodySchema.parse(await response.json());
  const error = body.error;
  return {
    status: response.status,
    data: body.result?.data,
    bellows: error && "data" in error ? error.data.bellows : error,
  };
}

function upgradeStatus(path: string, token?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}${path}`, {
      headers: { ...bearer(token), connection: "upgrade", upgrade: "websocket" },
    });
    request.once("upgrade", (response) => resolve(response.statusCode));
    request.once("response", (response) => resolve(response.resume().statusCode));
    request.once("error", reject);
    request.end();
  });
}

describe("who gets in", () => {
  it("asks for a token, and says where to get one", async () => {
    const { status, bellows } = await query("apps.list", {});
    expect(status).toBe(401);
    expect(bellows).toMatchObject({ code: "AUTH", message: expect.stringContaining("BELLOWS_TOKEN") });
  });

  it.each(["wrong", "Bearer", containerToken.slice(0, -1)])("refuses the token %j", async (token) => {
    expect(await query("apps.list", {}, token)).toMatchObject({ status: 401, bellows: { code: "AUTH" } });
  });

  it("refuses an expired session", async () => {
    const { token } = await addUser(stack, "owner", { expiresAtMs: clock.nowMs - 1 });
    expect(await query("auth.me", undefined, token)).toMatchObject({ status: 401, bellows: { code: "AUTH" } });
  });

  it("signs in with a code once, and out at once", async () => {
    const { code } = await createSignInCode(stack.db, { userId: owner.userId, nowMs: clock.nowMs });
    const first = await mutate("auth.exchangeCode", { code });
    expect(first.status).toBe(200);
    expect((await mutate("auth.exchangeCode", { code })).bellows).toMatchObject({ code: "AUTH" });
    const { token } = first.data as { token: string };
    expect((await query("auth.me", undefined, token)).data).toEqual({
      id: owner.userId,
      name: "the owner",
      role: "owner",
    });
    await mutate("auth.signOut", undefined, token);
    expect((await query("auth.me", undefined, token)).status).toBe(401);
  });

  it("lets owners alone make sign-in links", async () => {
    const link = await mutate("auth.createSignInLink", undefined, owner.token);
    expect(link.data).toMatchObject({ url: expect.stringMatching(/^http:\/\/console\/sign-in\?code=bellows_code_/) });
    expect(await mutate("auth.createSignInLink", undefined, editor.token)).toMatchObject({
      status: 403,
      bellows: { code: "PERMISSION_DENIED" },
    });
  });

  it("lets a viewer look and change nothing", async () => {
    const { appId, functions } = await deployTestApp(stack, "viewed", { fn: {} });
    const functionId = functions[0]?.id ?? "";
    expect((await query("apps.get", { id: appId }, viewer.token)).status).toBe(200);
    const settings = parseFunctionOptions();
    const changes: [string, unknown][] = [
      ["apps.deploy", { name: "x", bundleHash: "0".repeat(64), functions: [{ name: "fn", settings }] }],
      ["apps.stop", { id: appId }],
      ["apps.detach", { id: appId }],
      ["calls.create", { functionId, args: [] }],
      ["calls.cancel", { id: newId() }],
      ["calls.cancelMany", {}],
      ["calls.retry", { id: newId() }],
      ["calls.retryMany", {}],
      ["limits.set", { limits: { containers: 1 } }],
      ["containers.stop", { id: newId() }],
      ["secrets.set", { name: "db", variables: { URL: "x" } }],
      ["secrets.remove", { name: "db" }],
      ["secrets.rotateKey", undefined],
      ["volumes.remove", { name: "data" }],
      ["auth.createSignInLink", undefined],
    ];
    for (const [procedure, input] of changes) {
      expect(await mutate(procedure, input, viewer.token), procedure).toMatchObject({
        status: 403,
        bellows: { code: "PERMISSION_DENIED" },
      });
    }
    expect(await upgradeStatus("/link/client", viewer.token)).toBe(403);
  });

  it("lets editors set secrets and owners rotate their key, and shows a value to nobody", async () => {
    const secret = { name: "db", variables: { URL: "postgres://hunter2" } };
    const set = await mutate("secrets.set", secret, editor.token);
    expect(set.data).toMatchObject({ name: "db", variables: ["URL"], updatedBy: expect.any(String) });
    const listed = await query("secrets.list", {}, viewer.token);
    expect(listed.data).toEqual([set.data]);
    expect(JSON.stringify([set, listed])).not.toContain("hunter2");
    expect(await mutate("secrets.rotateKey", undefined, editor.token)).toMatchObject({ status: 403 });
    expect((await mutate("secrets.rotateKey", undefined, owner.token)).data).toEqual({ secrets: 1 });
    expect(await mutate("secrets.remove", { name: "db" }, editor.token)).toMatchObject({ status: 200 });
    expect(await mutate("secrets.remove", { name: "db" }, editor.token)).toMatchObject({ status: 404 });
  });

  it("opens no secret to the code in a container", async () => {
    expect(await query("secrets.list", {}, containerToken)).toMatchObject({ status: 403 });
    expect(await query("volumes.list", {}, containerToken)).toMatchObject({ status: 403 });
  });

  it("lets admins set limits, and editors only see them", async () => {
    const admin = await addUser(stack, "admin");
    const change = { limits: { containers: 7 } };
    expect(await mutate("limits.set", change, editor.token)).toMatchObject({
      status: 403,
      bellows: { code: "PERMISSION_DENIED" },
    });
    const set = await mutate("limits.set", change, admin.token);
    expect(set.data).toMatchObject({ environment: "main", set: ["containers"], limits: { containers: 7 } });
    expect(engines.told.limits.at(-1)).toMatchObject(["main", { containers: 7 }]);
    expect((await query("limits.get", {}, viewer.token)).data).toEqual(set.data);
    expect(await mutate("limits.set", { limits: { container: 7 } }, admin.token)).toMatchObject({ status: 400 });
    expect((await mutate("limits.set", { limits: { containers: null } }, admin.token)).data).toMatchObject({ set: [] });
  });
});

describe("the token of a container", async () => {
  const own = await deployTestApp(stack, "inside", { fn: {} });
  const functionId = own.functions[0]?.id ?? "";
  const callId = await addCall(stack, { appId: own.appId, functionId });
  const stagingId = newId();
  await stack.db.insert(environments).values({ id: stagingId, name: "staging", createdAtMs: clock.nowMs });
  const other = await deployTestApp(stack, "outside", { fn: {} }, { environment: "staging" });
  const otherFunctionId = other.functions[0]?.id ?? "";
  const otherCallId = await addCall(
    stack,
    { appId: other.appId, functionId: otherFunctionId },
    { environmentId: stagingId },
  );
  engines.environments.set(containerId, "main");
  const stats = { app: "inside", name: "fn", pool: null };

  it("opens what is about calls, logs and numbers of its environment", async () => {
    for (const [procedure, input] of [
      ["calls.list", {}],
      ["calls.list", { environment: "main" }],
      ["calls.get", { id: callId }],
      ["calls.tree", { id: callId }],
      ["calls.inputs", { callId }],
      ["calls.input", { callId, index: 0 }],
      ["calls.result", { callId }],
      ["logs.list", {}],
      ["functions.stats", stats],
    ] as const) {
      expect(await query(procedure, input, containerToken), procedure).toMatchObject({ status: 200 });
    }
    for (const [procedure, input] of [
      ["calls.create", { functionId }],
      ["calls.cancel", { id: callId }],
      ["calls.retry", { id: callId }],
    ] as const) {
      expect(await mutate(procedure, input, containerToken), procedure).toMatchObject({ status: 200 });
    }
    expect(engines.told.submitted.at(-1)).toMatchObject({ by: { kind: "container", containerId } });
    expect(await upgradeStatus("/link/client", containerToken)).toBe(101);
  });

  it("finds nothing of another environment", async () => {
    for (const [procedure, input] of [
      ["calls.get", { id: otherCallId }],
      ["calls.tree", { id: otherCallId }],
      ["calls.inputs", { callId: otherCallId }],
      ["calls.input", { callId: otherCallId, index: 0 }],
      ["calls.result", { callId: otherCallId }],
    ] as const) {
      expect(await query(procedure, input, containerToken), procedure).toMatchObject({ status: 404 });
    }
    for (const [procedure, input] of [
      ["calls.create", { functionId: otherFunctionId }],
      ["calls.cancel", { id: otherCallId }],
      ["calls.retry", { id: otherCallId }],
    ] as const) {
      expect(await mutate(procedure, input, containerToken), procedure).toMatchObject({ status: 404 });
    }
    for (const [procedure, input] of [
      ["calls.list", { environment: "staging" }],
      ["logs.list", { environment: "staging" }],
      ["functions.stats", { ...stats, environment: "staging" }],
    ] as const) {
      expect(await query(procedure, input, containerToken), procedure).toMatchObject({ status: 403 });
    }
    expect(await mutate("calls.cancelMany", { environment: "staging" }, containerToken)).toMatchObject({ status: 403 });
    engines.told.cancelled.length = 0;
    expect((await mutate("calls.cancelMany", { search: "side" }, containerToken)).data).toEqual({
      matched: 1,
      changed: 1,
    });
    expect(engines.told.cancelled).toEqual([callId]);
    const listed = (await query("calls.list", { limit: 100 }, containerToken)).data as { items: { id: string }[] };
    expect(listed.items.map(({ id }) => id)).toContain(callId);
    expect(listed.items.map(({ id }) => id)).not.toContain(otherCallId);
    expect(engines.told.retried).not.toContain(otherCallId);
  });

  it("opens nothing else", async () => {
    const settings = parseFunctionOptions();
    for (const [procedure, input] of [
      ["auth.me", undefined],
      ["system.info", undefined],
      ["apps.list", {}],
      ["apps.get", { id: own.appId }],
      ["functions.list", {}],
      ["functions.get", { id: functionId }],
      ["containers.list", {}],
      ["containers.get", { id: containerId }],
      ["limits.get", {}],
    ] as const) {
      expect(await query(procedure, input, containerToken), procedure).toMatchObject({ status: 403 });
    }
    for (const [procedure, input] of [
      ["apps.deploy", { name: "x", bundleHash: "0".repeat(64), functions: [{ name: "fn", settings }] }],
      ["apps.stop", { id: own.appId }],
      ["apps.detach", { id: own.appId }],
      ["containers.stop", { id: containerId }],
      ["limits.set", { limits: { containers: 1 } }],
      ["auth.createSignInLink", undefined],
      ["auth.signOut", undefined],
    ] as const) {
      expect(await mutate(procedure, input, containerToken), procedure).toMatchObject({
        status: 403,
        bellows: { code: "PERMISSION_DENIED" },
      });
    }
  });

  it("opens nothing while nobody knows the container, and says to try again: it may be known in a moment", async () => {
    const unknown = containerTokens.containerToken(newId());
    const away = { status: 503, bellows: { code: "CONNECTION", message: expect.stringContaining("try again") } };
    expect(await query("calls.list", {}, unknown)).toMatchObject(away);
    expect(await mutate("calls.create", { functionId }, unknown)).toMatchObject(away);
    // The link decides for itself, and tells it to come back.
    expect(await upgradeStatus("/link/client", unknown)).toBe(101);
  });
});

async function setKind(functionId: string, kind: FunctionKind, methods: string[]): Promise<void> {
  const settings = { ...parseFunctionOptions(), kind, methods };
  await stack.db.update(functions).set({ settings }).where(eq(functions.id, functionId));
  stack.directory.invalidate();
}

describe("links", () => {
  it("are for those whose token is good for them", async () => {
    upgraded.length = 0;
    expect(await upgradeStatus("/link/client")).toBe(401);
    expect(await upgradeStatus("/link/client", "wrong")).toBe(401);
    expect(await upgradeStatus(`/link/agent?container=${containerId}`, editor.token)).toBe(403);
    expect(await upgradeStatus(`/link/agent?container=${newId()}`, containerToken)).toBe(403);
    expect(await upgradeStatus("/link/agent", containerToken)).toBe(403);
    expect(await upgradeStatus("/link/else", editor.token)).toBe(404);
    expect(upgraded).toEqual([]);
    expect(await upgradeStatus("/link/client", editor.token)).toBe(101);
    expect(await upgradeStatus(`/link/agent?container=${containerId}`, containerToken)).toBe(101);
    expect(upgraded).toEqual(["client user", "agent container"]);
  });
});

describe("bundles", () => {
  const { bytes, hash } = encodeBundle({ code: "export {}", sourceMap: "", packages: {}, modules: {}, files: {} });
  const put = (token: string | undefined, body: Uint8Array, path = hash) =>
    fetch(`${server.url}/bundles/${path}`, { method: "PUT", headers: bearer(token), body: new Uint8Array(body) });

  it("are put by users who may deploy, and read by them and by the containers that run them", async () => {
    expect((await put(undefined, bytes)).status).toBe(401);
    expect((await put(viewer.token, bytes)).status).toBe(403);
    expect((await put(containerToken, bytes)).status).toBe(403);
    expect((await put(editor.token, bytes)).status).toBe(201);
    const read = (token?: string) => fetch(`${server.url}/bundles/${hash}`, { headers: bearer(token) });
    expect((await read()).status).toBe(401);
    engines.codes.set(containerId, { deploymentId: newId(), bundleHashes: [hash] });
    for (const token of [editor.token, containerToken]) {
      expect(new Uint8Array(await (await read(token)).arrayBuffer())).toEqual(new Uint8Array(bytes));
    }
  });

  it("are read by no container but those that run them", async () => {
    const own = await deployTestApp(stack, "own", { fn: {} });
    const other = encodeBundle({ code: "// own", sourceMap: "", packages: {}, modules: {}, files: {} });
    const readAs = (path: string, id: string) =>
      fetch(`${server.url}/bundles/${path}`, { headers: bearer(containerTokens.containerToken(id)) });
    await put(editor.token, bytes);
    const id = newId();
    // Not known here yet, as after a restart: it is to ask again.
    expect((await readAs(hash, id)).status).toBe(503);
    engines.codes.set(id, { deploymentId: own.deploymentId, bundleHashes: [] });
    expect(await answer(await readAs(hash, id))).toMatchObject({ status: 403, bellows: { code: "PERMISSION_DENIED" } });
    expect(await answer(await readAs("0".repeat(64), id))).toMatchObject({ status: 403 });
    expect((await readAs(other.hash, id)).status).toBe(200);
  });

  it("are refused when damaged or too large, before they are stored", async () => {
    expect(await answer(await put(editor.token, bytes.subarray(1)))).toMatchObject({ status: 400 });
    const large = await put(editor.token, new Uint8Array(LIMITS.bundleBytes + 1));
    expect(await answer(large)).toMatchObject({ status: 413, bellows: { code: "PAYLOAD_TOO_LARGE" } });
  });

  it("are refused, when too large, also without an announced length", async () => {
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pieces++ > LIMITS.bundleBytes / 1_048_576 + 2) controller.close();
        else controller.enqueue(new Uint8Array(1_048_576));
      },
    });
    const response = await fetch(`${server.url}/bundles/${hash}`, {
      method: "PUT",
      headers: bearer(editor.token),
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
  });

  it("say that there is none", async () => {
    const response = await fetch(`${server.url}/bundles/${"0".repeat(64)}`, { headers: bearer(editor.token) });
    expect(await answer(response)).toMatchObject({ status: 404, bellows: { code: "NOT_FOUND" } });
  });
});

describe("bad input", () => {
  it.each<[string, unknown, RegExp]>([
    ["calls.list", { limit: 1_000 }, /^limit: .*100/],
    ["calls.list", { cursor: "nonsense" }, /^the cursor is not one of this list/],
    ["calls.get", { id: "7" }, /^id: "7" is not an id/],
    ["calls.list", { state: "sleeping" }, /^state: /],
    ["apps.get", {}, /^name the app: either \{ id \} or \{ name \}/],
    ["logs.list", { after: newId(), before: newId() }, /^give either `after` or `before`/],
    ["calls.input", { callId: newId(), index: 1_000_000 }, /^index: is above 999,999/],
    ["logs.list", { index: 0 }, /^index: give the call of the input too/],
    ["logs.list", { after: "x" }, /^"x" is not the id of a log line/],
  ])("is answered with a sentence: %s %j", async (procedure, input, sentence) => {
    const { status, bellows } = await query(procedure, input, viewer.token);
    expect({ status, code: bellows?.code }).toEqual({ status: 400, code: "INVALID" });
    expect(bellows?.message).toMatch(sentence);
  });

  it("is told apart from what does not exist", async () => {
    expect(await query("calls.get", { id: newId() }, viewer.token)).toMatchObject({
      status: 404,
      bellows: { code: "NOT_FOUND", message: expect.stringContaining("`bellows call list`") },
    });
    const old = newId(clock.nowMs - LIMITS.retentionMs - 1_000);
    for (const [procedure, input] of [
      ["calls.get", { id: old }],
      ["calls.tree", { id: old }],
      ["calls.input", { callId: old, index: 0 }],
    ] as const) {
      expect(await query(procedure, input, viewer.token), procedure).toMatchObject({
        status: 404,
        bellows: { code: "OUTPUT_EXPIRED", message: expect.stringContaining("kept for 7 days") },
      });
    }
    expect(await query("calls.explode", {}, viewer.token)).toMatchObject({
      status: 404,
      bellows: { code: "NOT_FOUND", message: expect.stringContaining("calls.explode") },
    });
  });

  it("may be no JSON at all", async () => {
    const headers = { ...bearer(editor.token), "content-type": "application/json" };
    const response = await fetch(`${server.url}/trpc/calls.cancel`, { method: "POST", headers, body: "{ half" });
    expect(await answer(response)).toMatchObject({ status: 400, bellows: { code: "INVALID" } });
  });

  it("gets advice on unknown paths", async () => {
    expect(await answer(await fetch(`${server.url}/login`))).toMatchObject({
      status: 404,
      bellows: { message: expect.stringContaining("The console has a port of its own") },
    });
  });
});

describe("calls over plain HTTP", () => {
  it("go to the engines, unless the function is not deployed any more", async () => {
    const { appId, functions } = await deployTestApp(stack, "called", { fn: {} });
    const functionId = functions[0]?.id ?? "";
    const created = await mutate("calls.create", { functionId, args: [1, "two"] }, editor.token);
    expect(created.status).toBe(200);
    expect(engines.told.submitted.at(-1)).toMatchObject({ ...(created.data as { callId: string }), kind: "remote" });
    await mutate("apps.stop", { id: appId }, editor.token);
    expect(await mutate("calls.create", { functionId, args: [] }, editor.token)).toMatchObject({
      status: 409,
      bellows: { code: "CONFLICT" },
    });
  });

  it("name the method of a class, and fit what the function is", async () => {
    const { functions } = await deployTestApp(stack, "kinds", { Model: {}, stream: {}, plain: {} });
    const [Model = "", stream = "", plain = ""] = functions.map(({ id }) => id);
    await setKind(Model, "class", ["predict"]);
    await setKind(stream, "generator", []);
    const create = (input: object) => mutate("calls.create", input, editor.token);
    expect(await create({ functionId: Model, method: "predict", args: [1], idempotencyKey: "k" })).toMatchObject({
      status: 200,
    });
    expect(engines.told.submitted.at(-1)).toMatchObject({
      values: [encodeValue(["predict", 1])],
      idempotencyKey: "k",
      by: { kind: "user" },
    });
    const refused: [object, RegExp][] = [
      [{ functionId: Model }, /"Model" is a class; name one of its methods as `method`: "predict"/],
      [
        { functionId: Model, method: "close" },
        /class "Model" has no method "close" that can be called; it has "predict"/,
      ],
      [{ functionId: stream }, /"stream" is a generator; call it with remoteGen/],
      [{ functionId: plain, method: "x" }, /"plain" is a function and has no methods/],
    ];
    for (const [input, sentence] of refused) {
      const { status, bellows } = await create(input);
      expect({ status, code: bellows?.code }).toEqual({ status: 400, code: "INVALID" });
      expect(bellows?.message).toMatch(sentence);
    }
  });

  it("give their result as JSON and as text, or the state so far", async () => {
    const { appId, functions } = await deployTestApp(stack, "results", { fn: {} });
    const callId = await addCall(stack, { appId, functionId: functions[0]?.id ?? "" }, { receivedCount: 2 });
    engines.finished.set(`${callId}:0`, {
      status: 0,
      payload: encodeValue({ pages: 3 }),
      attempts: 1,
      containerId: null,
    });
    expect((await query("calls.result", { callId }, viewer.token)).data).toEqual({
      state: "succeeded",
      result: { text: "{ pages: 3 }", bytes: expect.any(Number), truncated: false },
      json: { pages: 3 },
      error: null,
    });
    expect((await query("calls.result", { callId, index: 1 }, viewer.token)).data).toMatchObject({ state: "queued" });
    expect(await query("calls.result", { callId, index: 2 }, viewer.token)).toMatchObject({ status: 404 });
  });
});

describe("the server", () => {
  it("says when it is ready, and when it is not", async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    ready = false;
    expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
    ready = true;
  });

  it("names the taken port and the variable to change", async () => {
    const port = Number(new URL(server.url).port);
    const second = createHttpServer({ ...deps, port });
    await expect(second.start()).rejects.toThrow(ConflictError);
    await expect(second.start()).rejects.toThrow(new RegExp(`^port ${port} is taken.*BELLOWS_PORT`));
  });

  it("stops although somebody holds a connection", async () => {
    const other = createHttpServer(deps);
    await other.start();
    await other.start();
    const response = await fetch(`${other.url}/healthz`);
    await response.text();
    await other.stop();
    await other.stop();
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
