/** Calls of one input against a server that speaks the frames over a real socket. */
import { definitionsOf } from "@bellows/protocol/definitions";
import { newId } from "@bellows/protocol/ids";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { decodeValue } from "@bellows/protocol/values";
import { describe, expect, onTestFinished, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";
import {
  double,
  doubleFunction,
  doubleServer,
  failed,
  firstOpen,
  holdBack,
  numbers,
  sendOutputs,
} from "./testing/double-server.ts";
import { answering, succeeded, TOKEN } from "./testing/fake-orchestrator.ts";

const here = doubleServer();

describe("remote", () => {
  test("sends the call as one message and gives the result", async () => {
    expect(await doubleFunction(here).remote(21)).toBe(42);
    expect(here.server.received.map((f) => f.type)).toEqual(["open", "inputs", "close"]);
    expect(here.server.messageSizes).toEqual([3]);
    expect(here.server.framesOf("open")[0]).toMatchObject({
      environment: "main",
      app: "math",
      function: "double",
      kind: "remote",
      resume: false,
    });
    expect(decodeValue(here.server.framesOf("inputs")[0]?.values[0] ?? new Uint8Array())).toEqual([21]);
  });

  test("calls of one turn share a message and a connection", async () => {
    await doubleFunction(here).remote(0);
    expect(await Promise.all(numbers(50).map((n) => doubleFunction(here).remote(n)))).toEqual(numbers(50).map(double));
    expect(here.server.messageSizes).toEqual([3, 150]);
    expect(here.server.connections).toBe(1);
  });

  test("throws what the function threw: name, message, stack, cause, attempts, container", async () => {
    const cause = new Error("the disk is full");
    const thrown = new RangeError("no page", { cause });
    thrown.stack = "RangeError: no page\n    at ocr (pages.ts:3:9)";
    here.server.behaviour = (frame) => {
      if (frame.type === "inputs") sendOutputs(here, frame.callId, [failed(0, thrown)]);
    };
    await expect(doubleFunction(here).remote(1)).rejects.toMatchObject({
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
    here.server.behaviour = (frame, send) => {
      if (frame.type !== "open") return;
      const error = { code: "NOT_FOUND" as const, message: 'there is no app "math"; deploy it' };
      send({ type: "refused", callId: frame.callId, error });
    };
    await expect(doubleFunction(here).remote(1)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'there is no app "math"; deploy it',
    });
  });

  test("throws for what cannot travel before anything is sent, and the link goes on", async () => {
    const call = here.bellows.functions.fromName("math", "double").remote(() => 1);
    await expect(call).rejects.toMatchObject({ code: "SERIALIZATION" });
    await expect(call).rejects.toThrowError("argument 1: value is a function, which cannot travel");
    const class_ = here.bellows.classes.fromName("math", "Model");
    await expect(class_.instance(1, Symbol("x")).double?.remote(1)).rejects.toThrowError(
      "constructor argument 2: value is a symbol",
    );
    await expect(class_.instance().double?.remote(1, { n: [() => 1] })).rejects.toThrowError(
      "argument 2: value.n[0] is a function",
    );
    expect(await doubleFunction(here).remote(2)).toBe(4);
    expect(here.server.framesOf("open")).toHaveLength(1);
  });

  test("an aborted signal cancels the call", async () => {
    holdBack(here);
    const controller = new AbortController();
    const call = doubleFunction(here).with({ signal: controller.signal }).remote(1);
    const { callId } = await firstOpen(here);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    expect(await here.server.until(() => here.server.framesOf("cancel")[0])).toMatchObject({ callId });
    await expect(doubleFunction(here).with({ signal: controller.signal }).remote(1)).rejects.toMatchObject({
      code: "CANCELLED",
    });
  });

  test("a call cancelled by someone else ends with CancelledError", async () => {
    holdBack(here);
    const call = doubleFunction(here).remote(1);
    const { callId } = await firstOpen(here);
    const counts = { succeeded: 0, failed: 0, cancelled: 1 };
    here.server.send({ type: "finished", callId, state: "cancelled", inputCount: 1, counts });
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("a token that is not accepted is an AuthError with advice", async () => {
    const stranger = new Bellows({ url: here.server.url, token: "wrong" });
    await expect(stranger.functions.fromName("math", "double").remote(1)).rejects.toMatchObject({
      code: "AUTH",
      message: expect.stringContaining("credentials.json"),
    });
    await stranger.close();
  });
});

describe("spawn", () => {
  test("returns once the call and its input are stored, not before", async () => {
    here.server.behaviour = () => undefined;
    let returned = false;
    const spawned = doubleFunction(here)
      .spawn(4)
      .then((call) => {
        returned = true;
        return call;
      });
    const { callId } = await firstOpen(here);
    await here.server.until(() => here.server.framesOf("close")[0]);
    here.server.send({ type: "stored", callId, firstIndex: 0, count: 1 });
    expect(returned).toBe(false);
    here.server.send({ type: "opened", callId, existingCallId: callId });
    here.server.send({ type: "closed", callId, inputCount: 1 });
    expect((await spawned).id).toBe(callId);
  });

  test("an unstored call is sent again after a cut", async () => {
    here.server.behaviour = () => undefined;
    const spawned = doubleFunction(here).spawn(4);
    await here.server.until(() => here.server.framesOf("close")[0]);
    here.server.behaviour = answering(double);
    here.server.received.length = 0;
    here.server.cut();
    await spawned;
    expect(here.server.received).toMatchObject([
      { type: "open", resume: true },
      { type: "inputs", firstIndex: 0 },
      { type: "close", inputCount: 1 },
    ]);
  });

  test("get waits for the output, again and again, and for several at a time", async () => {
    const call = await doubleFunction(here).spawn(4);
    const waiting = [call.get(), call.get()];
    const asked = await here.server.until(() => here.server.framesOf("read")[1] && here.server.framesOf("read"));
    for (const { requestId } of asked)
      here.server.send({ type: "page", requestId, outputs: [succeeded(0, 8)], end: null });
    expect(await Promise.all(waiting)).toEqual([8, 8]);
    here.server.behaviour = (frame, send) => {
      if (frame.type === "read")
        send({ type: "page", requestId: frame.requestId, outputs: [succeeded(0, 8)], end: null });
    };
    expect(await here.bellows.calls.fromId<number>(call.id).get()).toBe(8);
  });

  test("get gives up after its timeout or by its signal, and the call goes on", async () => {
    const call = await doubleFunction(here).spawn(4);
    await expect(call.get({ timeout: 5 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await expect(call.get({ signal: AbortSignal.timeout(5) })).rejects.toMatchObject({
      code: "CANCELLED",
      message: expect.stringContaining("the call goes on"),
    });
    // @ts-expect-error A timeout is a duration.
    await expect(call.get({ timeout: "soon" })).rejects.toMatchObject({ code: "INVALID" });
    expect(here.server.framesOf("cancel")).toEqual([]);
    expect(await here.server.until(() => here.server.framesOf("unread").length === 2)).toBe(true);
  });

  test("get throws why there is no output", async () => {
    const call = await doubleFunction(here).spawn(4);
    here.server.behaviour = (frame, send) => {
      if (frame.type !== "read") return;
      const error = { code: "OUTPUT_EXPIRED" as const, message: "outputs are kept for 7 days" };
      send({ type: "readFailed", requestId: frame.requestId, error });
    };
    await expect(call.get()).rejects.toMatchObject({ code: "OUTPUT_EXPIRED" });
    expect(() => here.bellows.calls.fromId("nonsense")).toThrowError('"nonsense" is not the id of a call');
  });
});

describe("a handle of this program", () => {
  test("calls the app it runs in, under the name it is exported with; a client of its own finds the same place", async () => {
    onTestFinished(() =>
      setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined }),
    );
    const context = { environment: "test", appName: "pages-run-ab12cd", currentInput: () => undefined };
    setRuntimeContext({ ...context, connection: { url: here.server.url, token: TOKEN } });
    const app = new App("pages");
    const ocr = app.function(async (n: number) => n);
    await expect(ocr.remote(1)).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining("export it"),
    });
    definitionsOf({ app, ocr });
    expect(await ocr.remote(4)).toBe(8);
    expect(here.server.framesOf("open")[0]).toMatchObject({
      environment: "test",
      app: "pages-run-ab12cd",
      function: "ocr",
    });

    const client = new Bellows();
    onTestFinished(() => client.close());
    expect(await client.functions.fromName<{ remote(n: number): Promise<number> }>("math", "double").remote(5)).toBe(
      10,
    );
    expect(here.server.framesOf("open")[1]).toMatchObject({ environment: "test", app: "math" });
  });

  test("called from inside a function, is a child of the current input and ends with it", async () => {
    onTestFinished(() =>
      setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined }),
    );
    holdBack(here);
    const input = { callId: newId(), index: 3 };
    const controller = new AbortController();
    setRuntimeContext({
      connection: { url: here.server.url, token: TOKEN },
      environment: "inside",
      appName: "pages",
      currentInput: () => ({ ...input, common: "input", signal: controller.signal }),
    });
    const app = new App("pages");
    const ocr = app.function({ name: "ocr" }, async (n: number) => n);
    const spawned = await ocr.spawn(1);
    const waited = [ocr.remote(1), ocr.map([1]).toArray(), ocr.with({ signal: AbortSignal.timeout(60_000) }).remote(2)];
    const opens = await here.server.until(() => here.server.framesOf("open")[3] && here.server.framesOf("open"));
    expect(opens.map((frame) => frame.parent)).toEqual([input, input, input, input]);
    controller.abort();
    for (const call of waited) await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    const cancels = await here.server.until(() => here.server.framesOf("cancel")[2] && here.server.framesOf("cancel"));
    expect(cancels.map((frame) => frame.callId)).not.toContain(spawned.id);
  });
});

describe("an idempotency key", () => {
  test("that has a call already gives that call, and its result", async () => {
    const existingCallId = newId();
    here.server.behaviour = (frame, send) => {
      if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId });
      if (frame.type === "read")
        send({ type: "page", requestId: frame.requestId, outputs: [succeeded(0, 8)], end: null });
    };
    const once = doubleFunction(here).with({ idempotencyKey: "invoice 7" });
    expect((await once.spawn(4)).id).toBe(existingCallId);
    expect(await once.remote(4)).toBe(8);
    expect(here.server.framesOf("open").map((frame) => frame.idempotencyKey)).toEqual(["invoice 7", "invoice 7"]);
    expect(here.server.framesOf("read")).toMatchObject([{ callId: existingCallId, fromIndex: 0 }]);
  });

  test("that is new makes a call like any other; one that is none is refused, and so are verbs without", async () => {
    expect(await doubleFunction(here).with({ idempotencyKey: "a" }).remote(4)).toBe(8);
    expect(() => doubleFunction(here).with({ idempotencyKey: "" })).toThrowError("idempotencyKey");
    expect(() => doubleFunction(here).with({ idempotencyKey: "a" }).map([1])).toThrowError("map takes none");
    await expect(doubleFunction(here).with({ idempotencyKey: "a" }).spawnMap([1])).rejects.toMatchObject({
      code: "INVALID",
    });
  });
});
