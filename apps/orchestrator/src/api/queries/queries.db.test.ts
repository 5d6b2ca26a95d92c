import { attempts } from "@bellows/db/schema/attempts";
import { containers } from "@bellows/db/schema/containers";
import { functions } from "@bellows/db/schema/functions";
import { inputChunks } from "@bellows/db/schema/input-chunks";
import { logs } from "@bellows/db/schema/logs";
import { outputs } from "@bellows/db/schema/outputs";
import type { CallFilter } from "@bellows/protocol/call-views";
import { errorData, InvalidError, NotFoundError, remoteErrorData } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import type { ContainerState, OutputStatus } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { FunctionStats, Page } from "@bellows/protocol/views";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { LiveCall } from "../../engine/engines.ts";
import { NO_STATS } from "../testing-engines.ts";
import { ANYWHERE, addCall, deployTestApp, testStack } from "../testing-stack.ts";
import { getContainer } from "./containers.ts";

const stack = await testStack();
const { db, verbs, engines } = stack;

/** All items of a list, page by page. */
async function all<T>(
  limit: number,
  list: (page: { cursor?: string; limit: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let page = await list({ limit });
  items.push(...page.items);
  while (page.nextCursor !== null) {
    expect(page.items).toHaveLength(limit);
    page = await list({ limit, cursor: page.nextCursor });
    items.push(...page.items);
  }
  return items;
}

async function appWithFunctions(name: string, ...names: string[]) {
  const { appId, functions, deploymentId } = await deployTestApp(
    stack,
    name,
    Object.fromEntries(names.map((fn) => [fn, {}])),
  );
  return { appId, deploymentId, ids: functions.map(({ id }) => id) };
}

/** One function, in the form in which `addCall` wants it. */
async function oneFunction(name: string) {
  const { appId, deploymentId, ids } = await appWithFunctions(name, "fn");
  return { appId, deploymentId, functionId: ids[0] ?? "" };
}

async function addOutput(
  callId: string,
  index: number,
  status: OutputStatus,
  payload = encodeValue(index),
): Promise<void> {
  await db.insert(outputs).values({
    callId,
    idx: index,
    status,
    attempts: 1,
    containerId: null,
    queuedAtMs: 10,
    startedAtMs: 20,
    finishedAtMs: 30,
    payload,
  });
}

/** As the journal packs a chunk. */
function packed(values: Uint8Array[]): Uint8Array {
  const lengths = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) lengths.writeUInt32BE(value.byteLength, i * 4);
  return Buffer.concat([lengths, ...values]);
}

describe("apps and functions", () => {
  it("show what runs, added up over the functions of an app", async () => {
    const { appId, ids } = await appWithFunctions("sums", "a", "b");
    const containersNow = { starting: 1, ready: 2, draining: 0 };
    for (const id of ids)
      engines.statsByFunction.set(id, { ...NO_STATS, queued: 4, running: 3, containers: containersNow });
    expect(await verbs.getApp({ name: "sums", environment: "main" })).toMatchObject({
      id: appId,
      functionCount: 2,
      liveContainers: 6,
      queued: 8,
      running: 6,
      state: "deployed",
      version: 1,
    });
    expect(await verbs.getFunction({ app: "sums", name: "a", environment: "main" })).toMatchObject({
      appName: "sums",
      deploymentVersion: 1,
      stats: { queued: 4, containers: containersNow },
    });
  });

  it("leave stopped apps out unless asked for", async () => {
    const { appId, ids } = await appWithFunctions("stopped", "fn");
    await verbs.stopApp(appId);
    const names = async (includeStopped: boolean) =>
      (await all(2, (page) => verbs.listApps({ includeStopped }, page))).map(({ name }) => name);
    expect(await names(false)).not.toContain("stopped");
    expect(await names(true)).toContain("stopped");
    const functionIds = (await all(3, (page) => verbs.listFunctions({}, page))).map(({ id }) => id);
    expect(functionIds).not.toContain(ids[0]);
    expect((await all(3, (page) => verbs.listFunctions({ appId }, page))).map(({ id }) => id)).toEqual(ids);
  });

  it("say of a function that is looked at by its id whether it is still deployed", async () => {
    const { appId, ids } = await appWithFunctions("shrinking", "kept", "removed");
    const deployed = () => Promise.all(ids.map(async (id) => (await verbs.getFunction({ id })).deployed));
    expect(await deployed()).toEqual([true, true]);
    await appWithFunctions("shrinking", "kept");
    expect(await deployed()).toEqual([true, false]);
    await verbs.stopApp(appId);
    expect(await deployed()).toEqual([false, false]);
  });

  it("say what there is instead", async () => {
    await appWithFunctions("pictures", "fn");
    await expect(verbs.getApp({ name: "picture", environment: "main" })).rejects.toThrow(/there is .*"pictures"/);
    await expect(verbs.getApp({ id: newId() })).rejects.toThrow(NotFoundError);
    await expect(verbs.getFunction({ id: newId() })).rejects.toThrow(NotFoundError);
  });
});

describe("calls", () => {
  it("come newest first, each once, whatever the size of the page", async () => {
    const target = await oneFunction("paged");
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push(await addCall(stack, target, { id: newId(Date.now() + i) }));
    for (const limit of [1, 3, 7, 50]) {
      const listed = await all(limit, (page) => verbs.listCalls({ appId: target.appId }, page, ANYWHERE));
      expect(listed.map(({ id }) => id)).toEqual(made.toReversed());
    }
  });

  it("can be narrowed by function, state and kind", async () => {
    const target = await oneFunction("narrowed");
    const running = await addCall(stack, target, { kind: "map" });
    const done = await addCall(stack, target, { state: "succeeded" });
    const list = async (filter: Parameters<typeof verbs.listCalls>[0]) =>
      (await verbs.listCalls({ functionId: target.functionId, ...filter }, { limit: 10 }, ANYWHERE)).items.map(
        ({ id }) => id,
      );
    expect(await list({ state: "running" })).toEqual([running]);
    expect(await list({ state: "succeeded" })).toEqual([done]);
    expect(await list({ kind: "map" })).toEqual([running]);
  });

  it("of a function are those of its pools too; of a pool its own", async () => {
    const target = await oneFunction("pooled");
    const poolId = newId();
    const base = { ...target, name: "fn", settings: parseFunctionOptions(), createdAtMs: 1 };
    const pool = { id: poolId, baseId: target.functionId, poolKey: "k", pool: { settings: {}, label: "(7)" } };
    await db.insert(functions).values({ ...base, ...pool });
    const ofBase = await addCall(stack, target, { id: newId(Date.now()) });
    const ofPool = await addCall(stack, { ...target, functionId: poolId }, { id: newId(Date.now() + 1) });
    const list = async (filter: CallFilter) =>
      (await verbs.listCalls(filter, { limit: 10 }, ANYWHERE)).items.map(({ id }) => id);
    expect(await list({ functionId: target.functionId })).toEqual([ofPool, ofBase]);
    expect(await list({ functionId: target.functionId, state: "running" })).toEqual([ofPool, ofBase]);
    expect(await list({ functionId: poolId })).toEqual([ofPool]);
    expect((await verbs.listFunctions({ appId: target.appId }, { limit: 10 })).items).toMatchObject([
      { id: target.functionId, pool: null },
    ]);
    expect((await verbs.listFunctions({ baseId: target.functionId }, { limit: 10 })).items).toMatchObject([
      { id: poolId, name: "fn", pool: { baseId: target.functionId, label: "(7)" } },
    ]);
    expect(await verbs.getApp({ id: target.appId })).toMatchObject({ functionCount: 1 });
  });

  describe("are searched", async () => {
    const { appId, ids } = await appWithFunctions("needles", "thread", "eye");
    const [thread = "", eye = ""] = ids;
    const start = Date.now();
    const first = await addCall(stack, { appId, functionId: thread }, { id: newId(start) });
    const second = await addCall(stack, { appId, functionId: eye }, { id: newId(start + 5), state: "succeeded" });
    const third = await addCall(stack, { appId, functionId: eye }, { id: newId(start + 9), kind: "map" });
    const list = async (filter: CallFilter) =>
      (await all(1, (page) => verbs.listCalls({ appId, ...filter }, page, ANYWHERE))).map(({ id }) => id);

    it.each<[CallFilter, string[]]>([
      [{ search: "NEEDLE" }, [third, second, first]],
      [{ search: "eye" }, [third, second]],
      [{ search: "needles/eye" }, [third, second]],
      [{ search: "needles/" }, [third, second, first]],
      [{ search: "eye", state: "succeeded" }, [second]],
      [{ search: "eye", state: "running" }, [third]],
      [{ search: "eye", functionId: thread }, []],
      [{ search: "%" }, []],
      [{ search: first }, [first]],
      [{ search: first.toUpperCase().slice(0, -1), state: "running" }, [first]],
      [{ search: first, functionId: eye }, []],
      [{ search: first.slice(-8) }, [first]],
      [{ search: first.slice(-6).toUpperCase(), state: "running" }, [first]],
      [{ search: first.slice(-20), functionId: thread }, [first]],
      [{ search: first.slice(-8), functionId: eye }, []],
      [{ search: first.slice(-8), kind: "map" }, []],
      [{ search: first.slice(-8), fromMs: start + 1 }, []],
      [{ search: first.slice(-5) }, []],
      [{ fromMs: start + 5 }, [third, second]],
      [{ toMs: start + 5 }, [first]],
      [{ fromMs: start + 1, toMs: start + 9, search: "needles" }, [second]],
    ])("by %j", async (filter, expected) => {
      expect(await list(filter)).toEqual(expected);
    });
  });

  it("are found by the begin or the end of their ids alone, within an environment", async () => {
    const target = await oneFunction("face0ff");
    const id = await addCall(stack, target);
    const find = async (idPart: string, environment?: string) =>
      (await verbs.findCalls({ idPart, environment, limit: 5 }, ANYWHERE)).map((call) => call.id);
    for (const idPart of [id, id.slice(0, -1), id.slice(-8), id.slice(-13).toUpperCase()]) {
      expect(await find(idPart)).toEqual([id]);
      expect(await find(idPart, "main")).toEqual([id]);
    }
    expect(await find("face0ff")).toEqual([]);
    expect(await verbs.findCalls({ idPart: "0", limit: 2 }, ANYWHERE)).toHaveLength(2);
    await expect(find(id.slice(-8), "nowhere")).rejects.toThrow(NotFoundError);
  });

  it("of a class say which method they call, once their first input is stored", async () => {
    const target = await oneFunction("methodical");
    const settings = { ...parseFunctionOptions(), kind: "class" as const, methods: ["predict", "scale"] };
    await db.update(functions).set({ settings }).where(eq(functions.id, target.functionId));
    const [named, unnamed] = [await addCall(stack, target, { receivedCount: 2 }), await addCall(stack, target)];
    const values = [encodeValue(["scale", new Uint8Array(100_000)]), encodeValue(["scale", 2])];
    await db.insert(inputChunks).values({ callId: named, firstIndex: 0, count: 2, inputs: packed(values) });
    const { items } = await verbs.listCalls({ functionId: target.functionId }, { limit: 10 }, ANYWHERE);
    expect(items).toMatchObject([
      { id: unnamed, method: null },
      { id: named, method: "scale" },
    ]);
  });

  it("say why they wait, while nothing of them runs or their function cannot go on", async () => {
    const target = await oneFunction("waiting");
    const id = await addCall(stack, target, { receivedCount: 2 });
    const runs = { index: 0, attempt: 1, containerId: newId(), startedAtMs: 1 };
    const live = { state: "running", counts: { succeeded: 0, failed: 0, cancelled: 0 }, receivedCount: 2 } as const;
    const reasonWith = async (running: LiveCall["running"], waiting: number[], stats: Partial<FunctionStats>) => {
      engines.liveCalls.set(id, { ...live, running, waiting, knownTo: 2 });
      engines.statsByFunction.set(target.functionId, { ...NO_STATS, reason: "wanted 1", ...stats });
      return (await verbs.getCall(id, ANYWHERE)).waitReason;
    };
    const degraded = { code: "STARTUP", message: "3 starts failed" } as const;
    expect(await reasonWith([], [0, 1], {})).toBe("wanted 1");
    expect(await reasonWith([runs], [1], {})).toBeNull();
    expect(await reasonWith([runs], [1], { degraded })).toBe("3 starts failed");
    expect(await reasonWith([runs], [], { degraded })).toBeNull();
    expect(await reasonWith([runs], [], { deadlock: "all wait" })).toBe("all wait");
    engines.liveCalls.delete(id);
    expect((await verbs.getCall(id, ANYWHERE)).waitReason).toBeNull();
  });

  it("show the counts of now while they run", async () => {
    const target = await oneFunction("live");
    const id = await addCall(stack, target, { receivedCount: 5, inputCount: null });
    engines.liveCalls.set(id, {
      state: "running",
      counts: { succeeded: 3, failed: 1, cancelled: 0 },
      receivedCount: 9,
      running: [],
      waiting: [],
      knownTo: 0,
    });
    expect(await verbs.getCall(id, ANYWHERE)).toMatchObject({
      counts: { succeeded: 3, failed: 1, cancelled: 0 },
      receivedCount: 9,
      inputCount: null,
      finishedAtMs: null,
    });
  });
});

describe("inputs", async () => {
  const target = await oneFunction("inputs");
  const callId = await addCall(stack, target, { receivedCount: 10 });
  const containerId = newId();
  for (const [index, status] of [
    [0, 0],
    [1, 1],
    [2, 0],
    [5, 2],
    [6, 0],
  ] as const)
    await addOutput(callId, index, status);
  engines.liveCalls.set(callId, {
    state: "running",
    counts: { succeeded: 3, failed: 1, cancelled: 1 },
    receivedCount: 10,
    running: [
      { index: 7, attempt: 1_003, containerId, startedAtMs: 99 },
      { index: 3, attempt: 1, containerId, startedAtMs: 98 },
      // Its output is stored already, and the engine has not heard of it.
      { index: 6, attempt: 1, containerId, startedAtMs: 97 },
    ],
    waiting: [4],
    knownTo: 8,
  });
  // Set aside by a retry, then lost with a container, then failed: one is charged. The numbers have gaps.
  for (const idx of [7, 8]) {
    for (const [attempt, outcome] of [
      [1, "retried"],
      [1_001, "lost"],
      [1_002, "failed"],
    ] as const) {
      const error = encodeValue(errorData(new InvalidError("no")));
      await db.insert(attempts).values({ callId, idx, attempt, outcome, finishedAtMs: 2, error });
    }
  }
  const states = [
    "succeeded",
    "failed",
    "succeeded",
    "running",
    "queued",
    "cancelled",
    "succeeded",
    "running",
    "queued",
    "queued",
  ];

  it.each([1, 3, 10, 50])("merge what is stored with what runs, in pages of %i", async (limit) => {
    const items = await all(limit, (page) => verbs.listInputs({ callId }, page, ANYWHERE));
    expect(items.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(items.map(({ state }) => state)).toEqual(states);
    expect(items[7]).toMatchObject({ attempts: 2, containerId, startedAtMs: 99, finishedAtMs: null });
    expect(items[8]).toMatchObject({ attempts: 1, startedAtMs: null });
    expect(items[0]).toMatchObject({ queuedAtMs: 10, startedAtMs: 20, finishedAtMs: 30 });
  });

  it.each([
    ["succeeded", [0, 2, 6]],
    ["failed", [1]],
    ["cancelled", [5]],
    ["queued", [4, 8, 9]],
  ] as const)("can be narrowed to %s ones", async (state, indexes) => {
    const items = await all(2, (page) => verbs.listInputs({ callId, state }, page, ANYWHERE));
    expect(items.map(({ index }) => index)).toEqual(indexes);
    expect(new Set(items.map((item) => item.state))).toEqual(new Set([state]));
  });

  it("can be narrowed to running ones; one that has ended meanwhile says so", async () => {
    const items = await all(2, (page) => verbs.listInputs({ callId, state: "running" }, page, ANYWHERE));
    expect(items.map(({ index, state }) => [index, state])).toEqual([
      [3, "running"],
      [6, "succeeded"],
      [7, "running"],
    ]);
  });

  it("can begin anywhere, and go on from there", async () => {
    const items = await all(2, (page) => verbs.listInputs({ callId, from: 7 }, page, ANYWHERE));
    expect(items.map(({ index }) => index)).toEqual([7, 8, 9]);
    const succeeded = await all(2, (page) => verbs.listInputs({ callId, state: "succeeded", from: 1 }, page, ANYWHERE));
    expect(succeeded.map(({ index }) => index)).toEqual([2, 6]);
  });

  it("need a call and a cursor that exist", async () => {
    await expect(verbs.listInputs({ callId: newId() }, { limit: 5 }, ANYWHERE)).rejects.toThrow(NotFoundError);
    await expect(verbs.listInputs({ callId }, { limit: 5, cursor: "%" }, ANYWHERE)).rejects.toThrow(InvalidError);
  });
});

describe("one input", () => {
  it("shows arguments, result or error, and the attempts that failed before", async () => {
    const target = await oneFunction("detail");
    const callId = await addCall(stack, target, { receivedCount: 3 });
    const values = [encodeValue(["a", 1]), encodeValue([{ b: 2 }])];
    await db.insert(inputChunks).values({ callId, firstIndex: 0, count: 2, inputs: packed(values) });
    await addOutput(callId, 0, 0, encodeValue(new Map([["k", 1]])));
    const thrown = remoteErrorData(new RangeError("too far"));
    await addOutput(callId, 1, 1, encodeValue(thrown));
    await db.insert(attempts).values({
      callId,
      idx: 1,
      attempt: 1,
      containerId: newId(),
      startedAtMs: 1,
      finishedAtMs: 2,
      error: encodeValue(errorData(new InvalidError("first try"))),
    });
    expect(await verbs.getInput(callId, 0, ANYWHERE)).toMatchObject({
      state: "succeeded",
      arguments: { text: "'a', 1" },
      result: { text: "Map(1) { 'k' => 1 }", truncated: false },
      error: null,
      failedAttempts: [],
    });
    expect(await verbs.getInput(callId, 1, ANYWHERE)).toMatchObject({
      state: "failed",
      arguments: { text: "{ b: 2 }" },
      result: null,
      error: { code: "REMOTE", name: "RangeError", message: "too far" },
      failedAttempts: [{ attempt: 1, error: { code: "INVALID", message: "first try" } }],
    });
    expect(await verbs.getInput(callId, 2, ANYWHERE)).toMatchObject({
      state: "queued",
      arguments: { text: "(not stored yet)" },
    });
    await expect(verbs.getInput(callId, 3, ANYWHERE)).rejects.toThrow(/has no input 3; it has 3, counted from 0/);
  });
});

it("says of each attempt since when it waited, also of those from before a retry", async () => {
  const madeAtMs = Date.now() - 60_000;
  const callId = await addCall(stack, await oneFunction("waits"), { id: newId(madeAtMs) });
  const payload = encodeValue(errorData(new InvalidError("no")));
  for (const [attempt, outcome, startedAtMs] of [
    [1, "retried", 20],
    [2, "retried", 40],
    [1_003, "failed", 1_005],
  ] as const) {
    const times = { startedAtMs: madeAtMs + startedAtMs, finishedAtMs: madeAtMs + startedAtMs + 10 };
    await db.insert(attempts).values({ callId, idx: 0, attempt, outcome, ...times, error: payload });
  }
  const retriedAtMs = madeAtMs + 1_000;
  await db.insert(outputs).values({
    callId,
    idx: 0,
    status: 0,
    attempts: 2,
    queuedAtMs: retriedAtMs,
    startedAtMs: retriedAtMs + 50,
    finishedAtMs: retriedAtMs + 60,
    payload: encodeValue(1),
  });
  const { failedAttempts } = await verbs.getInput(callId, 0, ANYWHERE);
  const waitedMs = failedAttempts.map(({ queuedAtMs = 0, startedAtMs }) => [
    queuedAtMs - madeAtMs,
    (startedAtMs ?? 0) - queuedAtMs,
  ]);
  expect(waitedMs).toEqual([
    [0, 20],
    [30, 10],
    [1_000, 5],
  ]);
});

describe("containers", () => {
  it("are listed while they live, and show what they do now", async () => {
    const target = await oneFunction("containers");
    const add = async (state: ContainerState, stoppedAtMs: number | null): Promise<string> => {
      const id = newId();
      const { functionId, deploymentId } = target;
      await db
        .insert(containers)
        .values({ id, functionId, deploymentId, driver: "process", state, slots: 4, createdAtMs: 5, stoppedAtMs });
      return id;
    };
    const gone = await add("failed", 50);
    const ready = await add("ready", null);
    engines.containers.push({
      containerId: ready,
      functionId: target.functionId,
      state: "draining",
      running: 2,
      cpuPercent: 12.5,
      memoryBytes: 1_000,
      gpus: [{ id: "0", name: "H100" }],
    });
    const list = async (filter: Partial<Parameters<typeof verbs.listContainers>[0]>) =>
      (await all(1, (page) => verbs.listContainers({ includeGone: false, ...filter }, page))).map(({ id }) => id);
    expect(await list({ appId: target.appId })).toEqual([ready]);
    expect(await list({ functionId: target.functionId })).toEqual([ready]);
    expect(await list({ appId: target.appId, includeGone: true })).toEqual([ready, gone]);
    expect(await list({ appId: target.appId, state: "failed" })).toEqual([gone]);
    expect(await verbs.getContainer(ready)).toMatchObject({
      appName: "containers",
      deploymentVersion: 1,
      state: "draining",
      running: 2,
      slots: 4,
      cpuPercent: 12.5,
      gpus: [{ id: "0", name: "H100", usage: null }],
    });
    await expect(verbs.getContainer(newId())).rejects.toThrow("are kept for 7 days after their end");
    const briefly = getContainer({ ...stack, retentionMs: 86_400_000 }, newId());
    await expect(briefly).rejects.toThrow(/^there is no container .* are kept for a day after their end$/);
  });
});

it("lists GPUs with the names of who has them and of who waits", async () => {
  const { functionId } = await oneFunction("painting");
  const devices = ["0", "GPU-b"].map((id) => ({ id, name: "H100", memoryMiB: null }));
  const usage = { busyPercent: 40, memoryUsedMiB: 1_024 };
  stack.usages.set("GPU-b", usage);
  const why = "wants H100; 1 of 2 is in use";
  engines.inUse.devices = devices;
  engines.inUse.holders.set("GPU-b", { containerId: "c", functionId });
  engines.inUse.waiting.push({ functionId, gpu: ["H100"], count: 2, sinceMs: 5, why });
  const named = { functionId, appName: "painting", functionName: "fn" };
  expect(await verbs.listGpus()).toEqual({
    gpus: [
      { ...devices[0], usage: null, holder: null },
      { ...devices[1], usage, holder: { ...named, containerId: "c" } },
    ],
    waiting: [{ ...named, gpu: ["H100"], containers: 2, sinceMs: 5, reason: why }],
    trouble: null,
  });
});

describe("logs", async () => {
  const { appId, ids } = await appWithFunctions("logging", "a", "b");
  const callId = newId();
  const lines: string[] = [];
  for (let i = 0; i < 9; i++) {
    const id = newId(Date.now() + i);
    lines.push(id);
    await db.insert(logs).values({
      id,
      functionId: ids[i % 2] ?? "",
      containerId: newId(),
      callId: i < 4 ? callId : null,
      idx: i < 4 ? i : null,
      atMs: i,
      stream: "stdout",
      text: `line ${i}`,
    });
  }
  const idsOf = (page: Page<{ id: string }>) => page.items.map(({ id }) => id);

  it("read forward from a line, oldest first, merged over the functions of an app", async () => {
    const first = await verbs.listLogs({ appId, after: lines[0], limit: 3 }, ANYWHERE);
    expect(idsOf(first)).toEqual(lines.slice(1, 4));
    const rest = await verbs.listLogs({ appId, after: first.nextCursor ?? undefined, limit: 100 }, ANYWHERE);
    expect(idsOf(rest)).toEqual(lines.slice(4));
    expect(rest.nextCursor).toBeNull();
  });

  it("read backward from the end, oldest first within a page", async () => {
    const newest = await verbs.listLogs({ appId, limit: 4 }, ANYWHERE);
    expect(idsOf(newest)).toEqual(lines.slice(5));
    const older = await verbs.listLogs({ appId, before: newest.nextCursor ?? undefined, limit: 4 }, ANYWHERE);
    expect(idsOf(older)).toEqual(lines.slice(1, 5));
  });

  it("can be narrowed to a function, a call, an input", async () => {
    expect(idsOf(await verbs.listLogs({ functionId: ids[1], limit: 50 }, ANYWHERE))).toEqual(
      lines.filter((_, i) => i % 2 === 1),
    );
    expect(idsOf(await verbs.listLogs({ callId, limit: 50 }, ANYWHERE))).toEqual(lines.slice(0, 4));
    expect((await verbs.listLogs({ callId, index: 2, limit: 50 }, ANYWHERE)).items).toMatchObject([
      { text: "line 2", functionName: "a", index: 2 },
    ]);
  });
});
