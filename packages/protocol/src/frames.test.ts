/** Every frame of every boundary, as bytes: a change of the wire shows up here and nowhere by accident. */
import { describe, expect, it } from "vitest";
import { type AgentFrame, agentFrameSchema, type CommandFrame, commandFrameSchema } from "./agent-frames.ts";
import { type ClientFrame, clientFrameSchema, type ServerFrame, serverFrameSchema } from "./client-frames.ts";
import { decodeFrames, encodeFrames } from "./frame-codec.ts";
import { type AttemptRef, addOfCall, countItems, type OfCall, type OutputItem, refsOf } from "./frame-parts.ts";
import { type WorkerCommand, type WorkerFrame, workerCommandSchema, workerFrameSchema } from "./worker-frames.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const appId = "01890a5d-ac96-774b-bcce-b302099a8058";
const value = new Uint8Array([0x91, 0x01]);
const attempt: AttemptRef = [callId, 3, 1];
const output: OutputItem = [3, 1, 0, value, 1_700_000_000_000, 1_700_000_000_005];
const outputs: OfCall<OutputItem>[] = [[callId, [output]]];
const error = { code: "REMOTE", message: "no", name: "TypeError" } as const;

const clientFrames: { [T in ClientFrame["type"]]: Extract<ClientFrame, { type: T }> } = {
  open: {
    type: "open",
    callId,
    environment: "main",
    app: "pages",
    function: "Ocr",
    method: "read",
    pool: { settings: { timeoutMs: 1_000 }, parameters: value },
    kind: "map",
    inputCount: 2,
    idempotencyKey: null,
    parent: { callId: appId, index: 1 },
    resume: false,
  },
  inputs: { type: "inputs", callId, firstIndex: 0, values: [value] },
  close: { type: "close", callId, inputCount: 1 },
  cancel: { type: "cancel", callId, terminateContainers: false },
  watch: { type: "watch", callId, fromIndex: 0 },
  read: { type: "read", requestId: 1, callId, fromIndex: 0, limit: 512 },
  unread: { type: "unread", requestId: 1 },
  take: { type: "take", callId, received: 8, resend: false },
  hold: { type: "hold", appId },
  followLogs: { type: "followLogs", appId },
};

const serverFrames: { [T in ServerFrame["type"]]: Extract<ServerFrame, { type: T }> } = {
  welcome: { type: "welcome", orchestratorId: appId, timeMs: 1_700_000_000_000 },
  opened: { type: "opened", callId, existingCallId: callId },
  refused: { type: "refused", callId, error },
  later: { type: "later", callId, fromIndex: 512, retryAfterMs: 100, error },
  stored: { type: "stored", callId, firstIndex: 0, count: 1 },
  outputs: { type: "outputs", callId, outputs: [[3, 0, value, 1, appId]] },
  closed: { type: "closed", callId, inputCount: 1 },
  yields: { type: "yields", callId, firstSeq: 8, values: [value] },
  page: { type: "page", requestId: 1, outputs: [[3, 0, value, 1, appId]], end: null },
  readFailed: { type: "readFailed", requestId: 1, error },
  finished: {
    type: "finished",
    callId,
    state: "succeeded",
    inputCount: 1,
    counts: { succeeded: 1, failed: 0, cancelled: 0 },
  },
  logs: { type: "logs", appId, lines: [["ocr", 1_700_000_000_000, "stdout", callId, 3, appId, "page 3"]] },
};

const agentFrames: { [T in AgentFrame["type"]]: Extract<AgentFrame, { type: T }> } = {
  hello: { type: "hello", containerId: appId, ready: true, draining: false, held: [attempt] },
  ready: { type: "ready", slots: 1, timings: { bootMs: 40, fetchMs: 2, importMs: 10, enterMs: 0 } },
  startFailed: { type: "startFailed", error },
  started: { type: "started", attempts: [attempt] },
  outputs: { type: "outputs", firstSeq: 1, outputs },
  yields: { type: "yields", attempt, firstSeq: 0, values: [value] },
  returned: { type: "returned", attempts: [attempt] },
  lost: { type: "lost", attempts: [attempt], error },
  logs: { type: "logs", lines: [[1_700_000_000_000, "stderr", null, null, "hi"]] },
  stats: { type: "stats", cpuPercent: 12.5, memoryBytes: 1024 },
  draining: { type: "draining" },
  drained: { type: "drained" },
};

const commandFrames: { [T in CommandFrame["type"]]: Extract<CommandFrame, { type: T }> } = {
  assign: {
    type: "assign",
    assignment: {
      functionId: appId,
      functionName: "ocr",
      appName: "pages",
      environment: "main",
      deploymentId: appId,
      bundleHash: "0".repeat(64),
      maxInputs: 1,
      batched: false,
      timeoutMs: 300_000,
      startupTimeoutMs: 300_000,
      memoryMiB: null,
      env: {},
      secrets: {},
      parameters: null,
      python: { file: "embed.py", function: "embed" },
    },
  },
  run: { type: "run", inputs: [[callId, [[3, 1, value]]]] },
  recall: { type: "recall", attempts: [attempt] },
  cancel: { type: "cancel", attempts: [attempt] },
  take: { type: "take", attempt, received: 8, resend: true },
  ack: { type: "ack", seq: 7 },
  drain: { type: "drain" },
};

const boundaries = [
  ["client to orchestrator", clientFrames, clientFrameSchema],
  ["orchestrator to client", serverFrames, serverFrameSchema],
  ["agent to orchestrator", agentFrames, agentFrameSchema],
  ["orchestrator to agent", commandFrames, commandFrameSchema],
] as const;

describe.each(boundaries)("%s", (_boundary, frames, schema) => {
  it.each(Object.entries(frames))("%s", (_type, frame) => {
    const bytes = encodeFrames([frame]);
    expect(Buffer.from(bytes).toString("hex")).toMatchSnapshot();
    const [decoded] = decodeFrames(bytes) as unknown[];
    expect(schema.parse(decoded)).toEqual(JSON.parse(JSON.stringify(frame), reviveBytes));
  });

  it("refuses what is none of its frames", () => {
    expect(schema.safeParse({ type: "nonsense" }).success).toBe(false);
    expect(schema.safeParse(null).success).toBe(false);
  });
});

const workerCommands = {
  preload: { type: "preload", path: "/opt/bellows/sdk/sdk.mjs" },
  rehearse: { type: "rehearse", sdkPath: "/opt/bellows/sdk/sdk.mjs" },
  exit: { type: "exit" },
  recall: { type: "recall", attempts: [attempt] },
} satisfies Partial<Record<WorkerCommand["type"], WorkerCommand>>;
const workerFrames = {
  outputs: { type: "outputs", outputs },
  returned: { type: "returned", attempts: [attempt] },
} satisfies Partial<Record<WorkerFrame["type"], WorkerFrame>>;

describe("agent and worker", () => {
  it("speak the same attempts and outputs as the link", () => {
    for (const frame of Object.values(workerCommands)) expect(workerCommandSchema.parse(frame)).toEqual(frame);
    for (const frame of Object.values(workerFrames)) expect(workerFrameSchema.parse(frame)).toEqual(frame);
  });
});

describe("items of calls", () => {
  const [index, number, status, payload, startedAtMs, finishedAtMs] = output;
  const wrong: Record<string, unknown> = {
    "no tuple": "output",
    "too short": output.slice(0, -1),
    "too long": [...output, 0],
    "a negative index": [-1, number, status, payload, startedAtMs, finishedAtMs],
    "a broken index": [0.5, number, status, payload, startedAtMs, finishedAtMs],
    "attempt 0": [index, 0, status, payload, startedAtMs, finishedAtMs],
    "an unknown status": [index, number, 3, payload, startedAtMs, finishedAtMs],
    "text for bytes": [index, number, status, "payload", startedAtMs, finishedAtMs],
    "no time": [index, number, status, payload, Number.NaN, finishedAtMs],
  };
  const wrongGroups: Record<string, unknown> = {
    "no group": output,
    "an id of another length": ["1", [output]],
    "no items": [callId, []],
    "one that is no list": [callId, output],
    "one too long": [callId, [output], 0],
  };
  const isOutputs = (given: unknown[]) =>
    agentFrameSchema.safeParse({ type: "outputs", firstSeq: 1, outputs: given }).success;

  it.each(Object.entries(wrong))("are refused with %s among good ones", (_what, item) => {
    expect(isOutputs([[callId, [output, output]]])).toBe(true);
    expect(isOutputs([[callId, [output, item]]])).toBe(false);
  });

  it.each(Object.entries(wrongGroups))("are refused with a group that is %s among good ones", (_what, group) => {
    expect(isOutputs([...outputs, group])).toBe(false);
  });

  it("keep their order when they are added, and are with their neighbours of the same call", () => {
    const groups: OfCall<[number, number]>[] = [];
    for (const [id, at] of [
      [callId, 0],
      [callId, 1],
      [appId, 0],
      [callId, 2],
    ] as const)
      addOfCall(groups, id, [at, 1]);
    expect(groups.map(([, items]) => items.length)).toEqual([2, 1, 1]);
    expect(countItems(groups)).toBe(4);
    expect(refsOf(groups)).toEqual([
      [callId, 0, 1],
      [callId, 1, 1],
      [appId, 0, 1],
      [callId, 2, 1],
    ]);
  });

  it("are refused when there are none where something must be", () => {
    expect(commandFrameSchema.safeParse({ type: "run", inputs: [] }).success).toBe(false);
    expect(clientFrameSchema.safeParse({ type: "inputs", callId, firstIndex: 0, values: [] }).success).toBe(false);
  });
});

/** Byte strings come back as Buffers; compare them as such. */
function reviveBytes(_key: string, item: unknown): unknown {
  const isBytes = typeof item === "object" && item !== null && "0" in item && "1" in item && !Array.isArray(item);
  return isBytes ? Buffer.from(Object.values(item as Record<string, number>)) : item;
}
