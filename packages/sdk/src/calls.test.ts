/** The verbs against a server that speaks the frames over a real socket. */
import { definitionsOf } from "@bellows/protocol/definitions";
import { remoteErrorData } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";
import type { FrameOf, OutputTuple } from "./testing/fake-orchestrator.ts";
import { answering, FakeOrchestrator, finished, succeeded, TOKEN } from "./testing/fake-orchestrator.ts";

type Double = (n: number) => Promise<number>;
interface DoubleHandle {
  remote: Double;
}

const double = (n: number) => n * 2;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

let server: FakeOrchestrator;
let bellows: Bellows;

beforeEach(async () => {
  server = await new FakeOrchestrator(answering(double)).start();
  bellows = new Bellows({ url: server.url, token: TOKEN });
});
afterEach(async () => {
  await bellows.close();
  await server.stop();
});

const fn = () => bellows.functions.fromName<DoubleHandle>("math", "double");

/** Holds back the outputs of every input until the test sends them; everything is stored at once. */
function holdingBack(): void {
  server.behaviour = (frame, send) => {
    if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId: frame.callId });
    if (frame.type === "inputs")
      send({ type: "stored", callId: frame.callId, firstIndex: frame.firstIndex, count: frame.values.length });
  };
}

const openFrame = () => server.until(() => server.framesOf("open")[0]);
const inputCount = () => server.framesOf("inputs").reduce((count, frame) => count + frame.values.length, 0);

function sendOutputs(callId: string, outputs: OutputTuple[]): void {
  server.send({ type: "outputs", callId, outputs });
}

function failed(index: number, thrown: unknown): OutputTuple {
  return [index, OUTPUT_STATUS.failed, encodeValue(remoteErrorData(thrown)), 3, newId()];
}

describe("remote", () => {
  test("sends the call as one message and gives the result", async () => {
    expect(await fn().remote(21)).toBe(42);
    expect(server.received.map((f) => f.type)).toEqual(["open", "inputs", "close"]);
    expect(server.messageSizes).toEqual([3]);
    expect(server.framesOf("open")[0]).toMatchObject({
      environment: "main",
      app: "math",
      function: "double",
      kind: "remote",
      resume: false,
    });
    expect(decodeValue(server.framesOf("inputs")[0]?.values[0] ?? new Uint8Array())).toEqual([21]);
  });

  test("calls of one turn share a message and a connection", async () => {
    await fn().remote(0);
    expect(await Promise.all(numbers(50).map((n) => fn().remote(n)))).toEqual(numbers(50).map(double));
    expect(server.messageSizes).toEqual([3, 150]);
    expect(server.connections).toBe(1);
  });

  test("throws what the function threw: name, message, stack, cause, attempts, container", async () => {
    const cause = new Error("the disk is full");
    const thrown = new RangeError("no page", { cause });
    thrown.stack = "RangeError: no page\n    at ocr (pages.ts:3:9)";
    server.behaviour = (frame) => {
      if (frame.type === "inputs") sendOutputs(frame.callId, [failed(0, thrown)]);
    };
    await expect(fn().remote(1)).rejects.toMatchObject({
      code: "REMOTE",
      name: "RangeError",
      message: "no page",
      stack: "RangeError: no page\n    at ocr (pages.ts:3:9)",
      cause: { message: "the disk is full", code: "REMOTE" },
      attempts: 3,
      containerId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      inputId: expect.stringMatching(/:0$/),
    });
  });

  test("throws why the call was refused", async () => {
    server.behaviour = (frame, send) => {
      if (frame.type !== "open") return;
      const error = { code: "NOT_FOUND" as const, message: 'there is no app "math"; deploy it' };
      send({ type: "refused", callId: frame.callId, error });
    };
    await expect(fn().remote(1)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'there is no app "math"; deploy it',
    });
  });

  test("throws for what cannot travel before anything is sent, and the link goes on", async () => {
    const call = bellows.functions.fromName("math", "double").remote(() => 1);
    await expect(call).rejects.toMatchObject({ code: "SERIALIZATION" });
    expect(await fn().remote(2)).toBe(4);
    expect(server.framesOf("open")).toHaveLength(1);
  });

  test("an aborted signal cancels the call", async () => {
    holdingBack();
    const controller = new AbortController();
    const call = fn().with({ signal: controller.signal }).remote(1);
    const { callId } = await openFrame();
    controller.abort(new Error("enough"));
    await expect(call).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    expect(await server.until(() => server.framesOf("cancel")[0])).toMatchObject({ callId });
    await expect(fn().with({ signal: controller.signal }).remote(1)).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("a call cancelled by someone else ends with CancelledError", async () => {
    holdingBack();
    const call = fn().remote(1);
    const { callId } = await openFrame();
    const counts = { succeeded: 0, failed: 0, cancelled: 1 };
    server.send({ type: "finished", callId, state: "cancelled", inputCount: 1, counts });
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("a token that is not accepted is an AuthError with advice", async () => {
    const stranger = new Bellows({ url: server.url, token: "wrong" });
    await expect(stranger.functions.fromName("math", "double").remote(1)).rejects.toMatchObject({
      code: "AUTH",
      message: expect.stringContaining("credentials.json"),
    });
    await stranger.close();
  });
});

describe("map", () => {
  test("gives results in the order of the inputs, whatever the order of arrival", async () => {
    holdingBack();
    const results = fn().map(numbers(5)).toArray();
    const { callId } = await openFrame();
    await server.until(() => inputCount() === 5);
    for (const index of [3, 1, 4, 0, 2]) sendOutputs(callId, [succeeded(index, double(index))]);
    expect(await results).toEqual([0, 2, 4, 6, 8]);
    expect(await server.until(() => server.framesOf("close")[0])).toMatchObject({ callId, inputCount: 5 });
  });

  test("gives results as they come when it need not be ordered", async () => {
    holdingBack();
    const results = fn().map(numbers(4), { ordered: false }).toArray();
    const { callId } = await openFrame();
    await server.until(() => inputCount() === 4);
    sendOutputs(
      callId,
      [3, 1, 2, 0].map((index) => succeeded(index, index)),
    );
    expect(await results).toEqual([3, 1, 2, 0]);
  });

  test("takes many more inputs than its window, from a sync and from an async source, and zips several", async () => {
    async function* slowly() {
      yield* numbers(2_500);
    }
    expect(await fn().map(numbers(5_000)).toArray()).toEqual(numbers(5_000).map(double));
    expect(await fn().map(slowly()).toArray()).toEqual(numbers(2_500).map(double));
    server.behaviour = answering((a: number, b: string) => `${a}${b}`);
    const add = bellows.functions.fromName<{ remote(a: number, b: string): Promise<string> }>("math", "add");
    expect(await add.map([1, 2, 3], new Set(["a", "b"])).toArray()).toEqual(["1a", "2b"]);
  });

  test("an empty map ends at once, with a call that says so", async () => {
    expect(await fn().map([]).toArray()).toEqual([]);
    expect(server.framesOf("close")).toMatchObject([{ inputCount: 0 }]);
  });

  test("does not read the source past the window, nor while results are not taken", async () => {
    let read = 0;
    function* source() {
      for (;;) yield read++;
    }
    holdingBack();
    const results = fn().map(source());
    const first = results.next();
    const { callId } = await openFrame();
    await server.until(() => inputCount() === LIMITS.mapWindow);
    await roundTrip();
    expect(read).toBe(LIMITS.mapWindow);

    sendOutputs(
      callId,
      numbers(LIMITS.mapWindow).map((index) => succeeded(index, index)),
    );
    expect(await first).toEqual({ done: false, value: 0 });
    await roundTrip();
    expect(read).toBe(LIMITS.mapWindow + 1);
    await results.return?.();
    expect(await server.until(() => server.framesOf("cancel")[0])).toMatchObject({ callId });
  });

  test("the first error in order is thrown, and the rest is cancelled", async () => {
    holdingBack();
    const taken: number[] = [];
    const loop = (async () => {
      for await (const result of fn().map(numbers(4))) taken.push(result);
    })();
    const { callId } = await openFrame();
    await server.until(() => inputCount() === 4);
    sendOutputs(callId, [failed(2, new Error("second")), failed(1, new Error("first")), succeeded(0, 0)]);
    await expect(loop).rejects.toMatchObject({ code: "REMOTE", message: "first" });
    expect(taken).toEqual([0]);
    expect(await server.until(() => server.framesOf("cancel")[0])).toMatchObject({ callId });
  });

  test("with returnExceptions an error takes its place", async () => {
    server.behaviour = (frame) => {
      if (frame.type !== "inputs") return;
      sendOutputs(frame.callId, [failed(1, new Error("odd")), succeeded(0, 0), succeeded(2, 4)]);
    };
    const results = await fn().map(numbers(3), { returnExceptions: true }).toArray();
    expect(results).toMatchObject([0, { code: "REMOTE", message: "odd" }, 4]);
    expect(server.framesOf("cancel")).toEqual([]);
  });

  test("leaving the loop cancels the rest and lets the source clean up", async () => {
    let cleaned = false;
    function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        cleaned = true;
      }
    }
    for await (const result of fn().map(source())) if (result === 6) break;
    expect(cleaned).toBe(true);
    await server.until(() => server.framesOf("cancel")[0]);
  });

  test("leaving after the last result cancels nothing", async () => {
    for await (const result of fn().map([1, 2, 3])) if (result === 6) break;
    await roundTrip();
    expect(server.framesOf("cancel")).toEqual([]);
  });

  test("an aborted signal ends it at once and cancels the rest", async () => {
    holdingBack();
    const controller = new AbortController();
    const results = fn().map(numbers(3), { signal: controller.signal }).toArray();
    const { callId } = await openFrame();
    controller.abort();
    await expect(results).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await server.until(() => server.framesOf("cancel")[0])).toMatchObject({ callId });
  });

  test("an error of the source, or an input that cannot travel, comes after the results of the inputs before it", async () => {
    function* breaking() {
      yield 1;
      yield 2;
      throw new Error("no more pages");
    }
    const taken: number[] = [];
    await expect(
      (async () => {
        for await (const result of fn().map(breaking())) taken.push(result);
      })(),
    ).rejects.toThrowError("no more pages");
    expect(taken).toEqual([2, 4]);
    const untyped = bellows.functions.fromName<{ remote(n: unknown): Promise<number> }>("math", "double");
    await expect(untyped.map([1, () => 2]).toArray()).rejects.toMatchObject({ code: "SERIALIZATION" });
  });

  test("tells how far it is", async () => {
    const progress: unknown[] = [];
    await fn()
      .map(numbers(3), { onProgress: (p) => progress.push(p) })
      .toArray();
    expect(progress.at(-1)).toEqual({ sent: 3, succeeded: 3, failed: 0, total: 3 });
  });

  test("says what is wrong with its arguments", () => {
    const untyped = fn() as unknown as { map(...args: unknown[]): unknown };
    expect(() => untyped.map()).toThrowError("map takes at least one iterable");
    expect(() => untyped.map(3)).toThrowError("argument 1 of map is of type number");
  });

  async function roundTrip(): Promise<void> {
    const { behaviour } = server;
    const callIds = new Set(server.framesOf("open").map((frame) => frame.callId));
    server.behaviour = (frame, send) => {
      if ("callId" in frame && callIds.has(frame.callId)) behaviour(frame, send);
      else answering(double)(frame, send);
    };
    await fn().remote(0);
    server.behaviour = behaviour;
  }
});

describe("a cut link", () => {
  test("a map goes on: unstored chunks are sent again, outputs are watched from the first one missing, and none counts twice", async () => {
    // Of two chunks, the first is stored. Outputs 0 and 2 arrive; then the orchestrator dies.
    server.behaviour = (frame, send) => {
      if (frame.type !== "inputs" || frame.firstIndex !== 0) return;
      send({ type: "stored", callId: frame.callId, firstIndex: 0, count: frame.values.length });
      send({ type: "outputs", callId: frame.callId, outputs: [succeeded(0, 0), succeeded(2, 4)] });
    };
    const results = fn().map(numbers(600)).toArray();
    await server.until(() => server.framesOf("close")[0]);
    const { callId } = await openFrame();
    const chunks = server.framesOf("inputs").map((f) => [f.firstIndex, f.values.length]);
    expect(chunks).toEqual([
      [0, 512],
      [512, 88],
    ]);

    await server.stop();
    server.received.length = 0;
    server.behaviour = (frame, send) => {
      if (frame.type !== "watch") return;
      const outputs = numbers(600).map((index) => succeeded(index, double(index)));
      send({ type: "outputs", callId, outputs: outputs.slice(frame.fromIndex) });
      send({ type: "outputs", callId, outputs: outputs.slice(0, 300) }, finished(callId, 600));
    };
    await server.start();

    expect(await results).toEqual(numbers(600).map(double));
    expect(server.received).toMatchObject([
      { type: "open", callId, resume: true, kind: "map" },
      { type: "inputs", callId, firstIndex: 512 },
      { type: "close", callId, inputCount: 600 },
      { type: "watch", callId, fromIndex: 1 },
    ] satisfies Partial<FrameOf<"open" | "inputs" | "close" | "watch">>[]);
  });

  test("a call made while the orchestrator is away is sent when it is back", async () => {
    expect(await fn().remote(1)).toBe(2);
    await server.stop();
    const call = fn().remote(2);
    await server.start();
    expect(await call).toBe(4);
  });

  test("a call fails when the orchestrator says that it does not understand this client, instead of repeating itself", async () => {
    holdingBack();
    const call = fn().remote(1);
    await openFrame();
    const refused = expect(call).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringContaining("bad frame"),
    });
    server.closeAll(4400, "bad frame");
    await refused;
    expect(server.connections).toBe(1);
  });
});

describe("spawn", () => {
  test("returns once the call and its input are stored, not before", async () => {
    server.behaviour = () => undefined;
    let returned = false;
    const spawned = fn()
      .spawn(4)
      .then((call) => {
        returned = true;
        return call;
      });
    const { callId } = await openFrame();
    await server.until(() => server.framesOf("close")[0]);
    server.send({ type: "stored", callId, firstIndex: 0, count: 1 });
    expect(returned).toBe(false);
    server.send({ type: "opened", callId, existingCallId: callId });
    expect((await spawned).id).toBe(callId);
  });

  test("an unstored call is sent again after a cut", async () => {
    server.behaviour = () => undefined;
    const spawned = fn().spawn(4);
    await server.until(() => server.framesOf("close")[0]);
    server.behaviour = answering(double);
    server.received.length = 0;
    server.cut();
    await spawned;
    expect(server.received).toMatchObject([
      { type: "open", resume: true },
      { type: "inputs", firstIndex: 0 },
      { type: "close", inputCount: 1 },
    ]);
  });

  test("get waits for the output, again and again, and for several at a time", async () => {
    const call = await fn().spawn(4);
    const waiting = [call.get(), call.get()];
    const asked = await server.until(() => server.framesOf("read")[1] && server.framesOf("read"));
    for (const { requestId } of asked) server.send({ type: "page", requestId, outputs: [succeeded(0, 8)], end: null });
    expect(await Promise.all(waiting)).toEqual([8, 8]);
    server.behaviour = (frame, send) => {
      if (frame.type === "read")
        send({ type: "page", requestId: frame.requestId, outputs: [succeeded(0, 8)], end: null });
    };
    expect(await bellows.calls.fromId<number>(call.id).get()).toBe(8);
  });

  test("get gives up after its timeout or by its signal, and the call goes on", async () => {
    const call = await fn().spawn(4);
    await expect(call.get({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await expect(call.get({ signal: AbortSignal.timeout(5) })).rejects.toMatchObject({
      code: "CANCELLED",
      message: expect.stringContaining("the call goes on"),
    });
    // @ts-expect-error A timeout is a duration.
    await expect(call.get({ timeout: "soon" })).rejects.toMatchObject({ code: "INVALID" });
    expect(server.framesOf("cancel")).toEqual([]);
    expect(await server.until(() => server.framesOf("unread").length === 2)).toBe(true);
  });

  test("get throws why there is no output", async () => {
    const call = await fn().spawn(4);
    server.behaviour = (frame, send) => {
      if (frame.type !== "read") return;
      const error = { code: "OUTPUT_EXPIRED" as const, message: "outputs are kept for 7 days" };
      send({ type: "readFailed", requestId: frame.requestId, error });
    };
    await expect(call.get()).rejects.toMatchObject({ code: "OUTPUT_EXPIRED" });
    expect(() => bellows.calls.fromId("nonsense")).toThrowError('"nonsense" is not the id of a call');
  });
});

describe("a handle of this program", () => {
  test("calls the app it runs in, under the name it is exported with; a client of its own finds the same place", async () => {
    onTestFinished(() =>
      setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined }),
    );
    const context = { environment: "test", appName: "pages-run-ab12cd", currentInput: () => undefined };
    setRuntimeContext({ ...context, connection: { url: server.url, token: TOKEN } });
    const app = new App("pages");
    const ocr = app.function(async (n: number) => n);
    await expect(ocr.remote(1)).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("export it"),
    });
    definitionsOf({ app, ocr });
    expect(await ocr.remote(4)).toBe(8);
    expect(server.framesOf("open")[0]).toMatchObject({ environment: "test", app: "pages-run-ab12cd", function: "ocr" });

    const client = new Bellows();
    onTestFinished(() => client.close());
    expect(await client.functions.fromName<DoubleHandle>("math", "double").remote(5)).toBe(10);
    expect(server.framesOf("open")[1]).toMatchObject({ environment: "test", app: "math" });
  });

  test("called from inside a function, is a child of the current input and ends with it", async () => {
    onTestFinished(() =>
      setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined }),
    );
    holdingBack();
    const input = { callId: newId(), index: 3 };
    const controller = new AbortController();
    setRuntimeContext({
      connection: { url: server.url, token: TOKEN },
      environment: "inside",
      appName: "pages",
      currentInput: () => ({ ...input, signal: controller.signal }),
    });
    const app = new App("pages");
    const ocr = app.function({ name: "ocr" }, async (n: number) => n);
    const spawned = await ocr.spawn(1);
    const waited = [ocr.remote(1), ocr.map([1]).toArray(), ocr.with({ signal: AbortSignal.timeout(60_000) }).remote(2)];
    const opens = await server.until(() => server.framesOf("open")[3] && server.framesOf("open"));
    expect(opens.map((frame) => frame.parent)).toEqual([input, input, input, input]);
    controller.abort();
    for (const call of waited) await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    const cancels = await server.until(() => server.framesOf("cancel")[2] && server.framesOf("cancel"));
    expect(cancels.map((frame) => frame.callId)).not.toContain(spawned.id);
  });
});

describe("an idempotency key", () => {
  test("that has a call already gives that call, and its result", async () => {
    const existingCallId = newId();
    server.behaviour = (frame, send) => {
      if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId });
      if (frame.type === "read")
        send({ type: "page", requestId: frame.requestId, outputs: [succeeded(0, 8)], end: null });
    };
    const once = fn().with({ idempotencyKey: "invoice 7" });
    expect((await once.spawn(4)).id).toBe(existingCallId);
    expect(await once.remote(4)).toBe(8);
    expect(server.framesOf("open").map((frame) => frame.idempotencyKey)).toEqual(["invoice 7", "invoice 7"]);
    expect(server.framesOf("read")).toMatchObject([{ callId: existingCallId, fromIndex: 0 }]);
  });

  test("that is new makes a call like any other; one that is none is refused, and so are verbs without", async () => {
    expect(await fn().with({ idempotencyKey: "a" }).remote(4)).toBe(8);
    expect(() => fn().with({ idempotencyKey: "" })).toThrowError("idempotencyKey");
    expect(() => fn().with({ idempotencyKey: "a" }).map([1])).toThrowError("map takes none");
    await expect(fn().with({ idempotencyKey: "a" }).spawnMap([1])).rejects.toMatchObject({ code: "INVALID" });
  });
});
