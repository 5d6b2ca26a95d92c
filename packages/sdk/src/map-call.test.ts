/** Calls of many inputs that are stored, against a server that speaks the frames over a real socket. */
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { decodeValue } from "@bellows/protocol/values";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bellows } from "./bellows.ts";
import { FunctionCall } from "./function-call.ts";
import { durableCalls } from "./testing/durable-calls.ts";
import type { Behaviour } from "./testing/fake-orchestrator.ts";
import { FakeOrchestrator, succeeded, TOKEN } from "./testing/fake-orchestrator.ts";

interface DoubleHandle {
  remote(n: number): Promise<number>;
}

const double = (n: number) => {
  if (n < 0) throw new RangeError(`${n} is negative`);
  return 2 * n;
};
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

let server: FakeOrchestrator;
let bellows: Bellows;
beforeEach(async () => {
  server = await new FakeOrchestrator(durableCalls({ run: double }).behaviour).start();
  bellows = new Bellows({ url: server.url, token: TOKEN });
});
afterEach(async () => {
  await bellows.close();
  await server.stop();
});

const fn = () => bellows.functions.fromName<DoubleHandle>("math", "double");

/** Opens calls and stores nothing before the test says so. */
const opening: Behaviour = (frame, send) => {
  if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId: frame.callId });
};

const inputCount = () => server.framesOf("inputs").reduce((count, frame) => count + frame.values.length, 0);

describe("spawnMap", () => {
  test("stores the call with its number of inputs, where that is known, and tells how far it is", async () => {
    const progress: unknown[] = [];
    const call = await fn().spawnMap(numbers(1_200), { onProgress: (p) => progress.push(p) });
    expect(server.framesOf("open")).toMatchObject([{ callId: call.id, kind: "spawnMap", inputCount: 1_200 }]);
    expect(server.framesOf("close")).toMatchObject([{ inputCount: 1_200 }]);
    expect(progress.at(-1)).toEqual({ stored: 1_200, total: 1_200 });
    expect(await call.results().toArray()).toEqual(numbers(1_200).map(double));
  });

  test("resolves when all of it is stored, not before; also when the source ends late, or is empty", async () => {
    server.behaviour = opening;
    let stored = false;
    const call = fn()
      .spawnMap([1, 2])
      .then(() => {
        stored = true;
      });
    const { callId } = await server.until(() => server.framesOf("close")[0]);
    expect(stored).toBe(false);
    server.send({ type: "stored", callId, firstIndex: 0, count: 2 });
    server.send({ type: "closed", callId, inputCount: 2 });
    await call;
    server.behaviour = durableCalls({ run: double }).behaviour;
    async function* late() {
      yield 1;
      await server.until(() => server.framesOf("inputs")[1]);
      await fn().spawn(5);
    }
    expect((await fn().spawnMap(late())).id).toBeTypeOf("string");
    expect(await (await fn().spawnMap([])).results().toArray()).toEqual([]);
  });

  test("reads the source no further than its window ahead of what is stored", async () => {
    server.behaviour = opening;
    let read = 0;
    function* source() {
      for (; read < 100_000; read++) yield read;
    }
    const call = fn().spawnMap(source());
    const { callId } = await server.until(() => server.framesOf("open")[0]);
    await server.until(() => inputCount() >= 65_536);
    expect(read).toBe(65_536 - 1);
    server.send({ type: "stored", callId, firstIndex: 0, count: 65_536 });
    await server.until(() => server.framesOf("close")[0]);
    server.send({ type: "stored", callId, firstIndex: 65_536, count: 34_464 });
    server.send({ type: "closed", callId, inputCount: 100_000 });
    expect((await call).id).toBe(callId);
  });

  test("large inputs are counted by their bytes", async () => {
    server.behaviour = opening;
    let read = 0;
    const megabyte = new Uint8Array(1024 * 1024);
    function* source() {
      for (; read < 200; read++) yield megabyte;
    }
    const bytes = bellows.functions.fromName<{ remote(bytes: Uint8Array): Promise<number> }>("math", "size");
    const controller = new AbortController();
    const call = bytes.spawnMap(source(), { signal: controller.signal });
    await server.until(() => inputCount() >= 64);
    expect(read).toBe(63);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    await server.until(() => server.framesOf("cancel")[0]);
  });

  test("is cancelled by a source that throws, an input that cannot travel, and a refusal", async () => {
    await fn().spawnMap([1]);
    server.behaviour = opening;
    function* breaking() {
      yield 1;
      throw new Error("no more pages");
    }
    await expect(fn().spawnMap(breaking())).rejects.toThrowError("no more pages");
    const untyped = bellows.functions.fromName<{ remote(n: unknown): Promise<number> }>("math", "double");
    await expect(untyped.spawnMap([() => 1])).rejects.toThrowError("input 0, argument 1: value is a function");
    await server.until(() => server.framesOf("cancel")[1]);
    await expect(fn().spawnMap(new Array<number>(LIMITS.inputsPerCall + 1))).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
      limit: "inputsPerCall",
      current: LIMITS.inputsPerCall + 1,
    });
    server.behaviour = (frame, send) => {
      if (frame.type !== "open") return;
      const details = { limit: "pendingAsyncInputs", max: 10, current: 12, retryAfterMs: 500 };
      send({ type: "refused", callId: frame.callId, error: { code: "LIMIT_EXCEEDED", message: "too many", details } });
    };
    await expect(fn().spawnMap([1, 2])).rejects.toMatchObject({ code: "LIMIT_EXCEEDED", retryAfterMs: 500 });
  });
});

describe("results", () => {
  test("go on at any index, one page ahead of what is taken and no further", async () => {
    server.behaviour = durableCalls({ run: double, pageOutputs: 10 }).behaviour;
    const call = await fn().spawnMap(numbers(95));
    expect(await bellows.calls.mapFromId<number>(call.id).results({ from: 60 }).toArray()).toEqual(
      numbers(95).slice(60).map(double),
    );
    server.received.length = 0;
    const results = call.results();
    expect(await results.next()).toEqual({ done: false, value: 0 });
    await server.until(() => server.framesOf("read")[1]);
    expect(server.framesOf("read").map((frame) => frame.fromIndex)).toEqual([0, 10]);
    await results.return?.();
    expect(await call.results({ from: 95 }).toArray()).toEqual([]);
    expect(() => call.results({ from: -1 })).toThrowError("from: -1 is not the index of an input");
  });

  test("an error is thrown in its place, or takes it", async () => {
    const call = await fn().spawnMap([1, -1, 3]);
    const taken: number[] = [];
    const loop = (async () => {
      for await (const result of call.results()) taken.push(result);
    })();
    await expect(loop).rejects.toMatchObject({ code: "REMOTE", name: "RangeError" });
    expect(taken).toEqual([2]);
    expect(await call.results({ returnExceptions: true }).toArray()).toMatchObject([2, { code: "REMOTE" }, 6]);
    expect(server.framesOf("cancel")).toEqual([]);
  });

  test("that are waited for are left by the signal and by `return`, and the orchestrator is told", async () => {
    server.behaviour = opening;
    const call = bellows.calls.mapFromId<number>(newId());
    const controller = new AbortController();
    const waiting = call.results({ signal: controller.signal }).next();
    await server.until(() => server.framesOf("read")[0]);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED", message: expect.stringContaining("goes on") });
    const results = call.results();
    const left = results.next();
    await server.until(() => server.framesOf("read")[1]);
    await Promise.all([results.return?.(), expect(left).rejects.toMatchObject({ code: "CANCELLED" })]);
    await server.until(() => server.framesOf("unread")[1]);
  });

  test("cut at any frame, storing and reading lose nothing and double nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_300 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
        fc.boolean(),
        async (count, cuts, arrives) => {
          const { behaviour, calls } = durableCalls({ run: double, pageOutputs: 200 });
          let untilCut = cuts.shift();
          server.behaviour = (frame, send) => {
            const isCut = untilCut !== undefined && --untilCut === 0;
            // A call whose client has left is closed by the orchestrator, so a `close` that was lost is made up for.
            if (frame.type === "read") for (const call of calls.values()) call.closedAt ??= call.outputs.length;
            if (!isCut) return behaviour(frame, send);
            // The frame arrives and what it is answered with is lost, or it is lost itself.
            if (arrives) behaviour(frame, () => undefined);
            untilCut = cuts.shift();
            server.cut();
          };
          const call = await fn().spawnMap(numbers(count));
          expect(await call.results().toArray()).toEqual(numbers(count).map(double));
          expect([...calls.keys()]).toEqual([call.id]);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("an answer that is not to the question is a defect, not a result", async () => {
    server.behaviour = (frame, send) => {
      if (frame.type === "read")
        send({ type: "page", requestId: frame.requestId, outputs: [succeeded(7, 1)], end: null });
    };
    await expect(bellows.calls.mapFromId(newId()).results().toArray()).rejects.toMatchObject({ code: "INTERNAL" });
  });
});

describe("get", () => {
  test("gives the result of any input, as often as it is asked", async () => {
    const call = await fn().spawnMap([1, 2, -3]);
    expect(await Promise.all([call.get(1), call.get(0), call.get(1)])).toEqual([4, 2, 4]);
    await expect(call.get(2)).rejects.toMatchObject({ code: "REMOTE", inputId: `${call.id}:2` });
    await expect(call.get(3)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("it has 3"),
    });
    await expect(call.get(-1)).rejects.toMatchObject({ code: "INVALID" });
  });

  test("several calls are gathered in their order; the first error ends the waiting for the others", async () => {
    const [one, two] = await Promise.all([fn().spawn(1), fn().spawn(2)]);
    expect(await FunctionCall.gather(two, one)).toEqual([4, 2]);
    expect(await FunctionCall.gather()).toEqual([]);
    const failing = await fn().spawn(-1);
    server.received.length = 0;
    const never = bellows.calls.fromId<number>(newId());
    await expect(FunctionCall.gather(never, failing)).rejects.toMatchObject({ code: "REMOTE" });
    await server.until(() => server.framesOf("unread")[0]);
  });
});

test("the arguments of a starmap are lists, and forEach takes no results", async () => {
  const sent: unknown[] = [];
  server.behaviour = (frame, send) => {
    opening(frame, send);
    if (frame.type !== "inputs") return;
    const outputs = frame.values.map((value, at) => {
      const args = decodeValue(value) as number[];
      sent.push(args);
      return succeeded(frame.firstIndex + at, (args[0] ?? 0) - (args[1] ?? 0));
    });
    send({ type: "outputs", callId: frame.callId, outputs });
  };
  const minus = bellows.functions.fromName<{ remote(a: number, b?: number): Promise<number> }>("math", "minus");
  expect(await minus.starmap([[5, 3], [1]]).toArray()).toEqual([2, 1]);
  expect(await minus.forEach([5, 6], [1, 2])).toBeUndefined();
  expect(sent).toEqual([[5, 3], [1], [5, 1], [6, 2]]);
  // @ts-expect-error Each item is a list of arguments.
  await expect(minus.starmap([5]).toArray()).rejects.toMatchObject({ code: "INVALID" });
});

test("forEach throws the first error that comes and cancels the rest, or ignores errors", async () => {
  server.behaviour = durableCallsAnswering();
  await expect(fn().forEach([1, -2, 3])).rejects.toMatchObject({ code: "REMOTE", message: "-2 is negative" });
  await fn().forEach([1, -2, 3], { ignoreExceptions: true });
});

/** Stored, and sent to who opened them, as the outputs of a map are. */
function durableCallsAnswering(): Behaviour {
  const { behaviour, calls } = durableCalls({ run: double });
  return (frame, send) => {
    behaviour(frame, send);
    if (frame.type === "inputs")
      send({ type: "outputs", callId: frame.callId, outputs: calls.get(frame.callId)?.outputs ?? [] });
  };
}

test("a map that a limit holds up goes on later, opened and fed again", async () => {
  const behaviour = durableCallsAnswering();
  let refusals = 3;
  const notOpened = new Set<string>();
  server.behaviour = (frame, send) => {
    if (!("callId" in frame)) return;
    const { callId } = frame;
    if (frame.type === "open") notOpened.delete(callId);
    if (notOpened.has(callId)) return;
    const asks = frame.type === "open" || frame.type === "inputs";
    if (!asks || refusals === 0) return behaviour(frame, send);
    refusals -= 1;
    if (frame.type === "open") notOpened.add(callId);
    const fromIndex = frame.type === "open" ? null : frame.firstIndex;
    const error = { code: "LIMIT_EXCEEDED" as const, message: "slower" };
    send({ type: "later", callId, fromIndex, retryAfterMs: 5, error });
  };
  expect(await fn().map(numbers(700)).toArray()).toEqual(numbers(700).map(double));
  expect(refusals).toBe(0);
});

test("a map that a limit holds up goes on when outputs show room, and asks again before long, whatever time it was told", async () => {
  const max = 10;
  let taken = 0;
  let asked = 0;
  server.behaviour = (frame, send) => {
    if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId: frame.callId });
    if (frame.type !== "inputs") return;
    const { callId, firstIndex, values } = frame;
    expect(firstIndex).toBe(taken);
    asked += 1;
    // The first time nothing is taken and nothing comes that shows that there is room.
    const room = asked === 1 ? 0 : Math.min(max, values.length);
    const error = { code: "LIMIT_EXCEEDED" as const, message: "slower" };
    taken += room;
    if (room < values.length) send({ type: "later", callId, fromIndex: taken, retryAfterMs: 60_000, error });
    const outputs = values.slice(0, room).map((value, i) => {
      return succeeded(firstIndex + i, double((decodeValue(value) as number[])[0] ?? 0));
    });
    if (room > 0) send({ type: "outputs", callId, outputs });
  };
  const startedAtMs = performance.now();
  expect(await fn().map(numbers(200)).toArray()).toEqual(numbers(200).map(double));
  expect(asked).toBe(1 + 200 / max);
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
});
