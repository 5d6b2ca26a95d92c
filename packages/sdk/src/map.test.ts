/** The verb `map` against a server that speaks the frames over a real socket, whose links are also cut. */
import { LIMITS } from "@bellows/protocol/limits";
import { describe, expect, test } from "vitest";
import {
  double,
  doubleFunction,
  doubleServer,
  failed,
  firstOpen,
  holdBack,
  inputCount,
  numbers,
  sendOutputs,
} from "./testing/double-server.ts";
import type { FrameOf } from "./testing/fake-orchestrator.ts";
import { answering, finished, succeeded } from "./testing/fake-orchestrator.ts";

const here = doubleServer();

describe("map", () => {
  test("gives results in the order of the inputs, whatever the order of arrival", async () => {
    holdBack(here);
    const results = doubleFunction(here).map(numbers(5)).toArray();
    const { callId } = await firstOpen(here);
    await here.server.until(() => inputCount(here) === 5);
    for (const index of [3, 1, 4, 0, 2]) sendOutputs(here, callId, [succeeded(index, double(index))]);
    expect(await results).toEqual([0, 2, 4, 6, 8]);
    expect(await here.server.until(() => here.server.framesOf("close")[0])).toMatchObject({ callId, inputCount: 5 });
  });

  test("gives results as they come when it need not be ordered", async () => {
    holdBack(here);
    const results = doubleFunction(here).map(numbers(4), { ordered: false }).toArray();
    const { callId } = await firstOpen(here);
    await here.server.until(() => inputCount(here) === 4);
    sendOutputs(
      here,
      callId,
      [3, 1, 2, 0].map((index) => succeeded(index, index)),
    );
    expect(await results).toEqual([3, 1, 2, 0]);
  });

  test("takes many more inputs than its window, from a sync and from an async source, and zips several", async () => {
    async function* slowly() {
      yield* numbers(2_500);
    }
    expect(await doubleFunction(here).map(numbers(5_000)).toArray()).toEqual(numbers(5_000).map(double));
    expect(await doubleFunction(here).map(slowly()).toArray()).toEqual(numbers(2_500).map(double));
    here.server.behaviour = answering((a: number, b: string) => `${a}${b}`);
    const add = here.bellows.functions.fromName<{ remote(a: number, b: string): Promise<string> }>("math", "add");
    expect(await add.map([1, 2, 3], new Set(["a", "b"])).toArray()).toEqual(["1a", "2b"]);
  });

  test("an empty map ends at once, with a call that says so", async () => {
    expect(await doubleFunction(here).map([]).toArray()).toEqual([]);
    expect(here.server.framesOf("close")).toMatchObject([{ inputCount: 0 }]);
  });

  test("does not read the source past the window, nor while results are not taken", async () => {
    let read = 0;
    function* source() {
      for (;;) yield read++;
    }
    holdBack(here);
    const results = doubleFunction(here).map(source());
    const first = results.next();
    const { callId } = await firstOpen(here);
    await here.server.until(() => inputCount(here) === LIMITS.mapWindow);
    await roundTrip();
    expect(read).toBe(LIMITS.mapWindow);

    sendOutputs(
      here,
      callId,
      numbers(LIMITS.mapWindow).map((index) => succeeded(index, index)),
    );
    expect(await first).toEqual({ done: false, value: 0 });
    await roundTrip();
    expect(read).toBe(LIMITS.mapWindow + 1);
    await results.return?.();
    expect(await here.server.until(() => here.server.framesOf("cancel")[0])).toMatchObject({ callId });
  });

  test("the first error in order is thrown, and the rest is cancelled", async () => {
    holdBack(here);
    const taken: number[] = [];
    const loop = (async () => {
      for await (const result of doubleFunction(here).map(numbers(4))) taken.push(result);
    })();
    const { callId } = await firstOpen(here);
    await here.server.until(() => inputCount(here) === 4);
    sendOutputs(here, callId, [failed(2, new Error("second")), failed(1, new Error("first")), succeeded(0, 0)]);
    await expect(loop).rejects.toMatchObject({ code: "REMOTE", message: "first" });
    expect(taken).toEqual([0]);
    expect(await here.server.until(() => here.server.framesOf("cancel")[0])).toMatchObject({ callId });
  });

  test("with returnExceptions an error takes its place", async () => {
    here.server.behaviour = (frame) => {
      if (frame.type !== "inputs") return;
      sendOutputs(here, frame.callId, [failed(1, new Error("odd")), succeeded(0, 0), succeeded(2, 4)]);
    };
    const results = await doubleFunction(here).map(numbers(3), { returnExceptions: true }).toArray();
    expect(results).toMatchObject([0, { code: "REMOTE", message: "odd" }, 4]);
    expect(here.server.framesOf("cancel")).toEqual([]);
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
    for await (const result of doubleFunction(here).map(source())) if (result === 6) break;
    expect(cleaned).toBe(true);
    await here.server.until(() => here.server.framesOf("cancel")[0]);
  });

  test("leaving after the last result cancels nothing", async () => {
    for await (const result of doubleFunction(here).map([1, 2, 3])) if (result === 6) break;
    await roundTrip();
    expect(here.server.framesOf("cancel")).toEqual([]);
  });

  test("an aborted signal ends it at once and cancels the rest", async () => {
    holdBack(here);
    const controller = new AbortController();
    const results = doubleFunction(here).map(numbers(3), { signal: controller.signal }).toArray();
    const { callId } = await firstOpen(here);
    controller.abort();
    await expect(results).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await here.server.until(() => here.server.framesOf("cancel")[0])).toMatchObject({ callId });
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
        for await (const result of doubleFunction(here).map(breaking())) taken.push(result);
      })(),
    ).rejects.toThrowError("no more pages");
    expect(taken).toEqual([2, 4]);
    const untyped = here.bellows.functions.fromName<{ remote(n: unknown): Promise<number> }>("math", "double");
    await expect(untyped.map([1, { onDone: () => 2 }]).toArray()).rejects.toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringMatching(/^input 1, argument 1: value\.onDone is a function, which cannot travel; /),
    });
  });

  test("tells how far it is", async () => {
    const progress: unknown[] = [];
    await doubleFunction(here)
      .map(numbers(3), { onProgress: (p) => progress.push(p) })
      .toArray();
    expect(progress.at(-1)).toEqual({ sent: 3, succeeded: 3, failed: 0, total: 3 });
  });

  test("says what is wrong with its arguments", () => {
    const untyped = doubleFunction(here) as unknown as { map(...args: unknown[]): unknown };
    expect(() => untyped.map()).toThrowError("map takes at least one iterable");
    expect(() => untyped.map(3)).toThrowError("argument 1 of map is of type number");
  });

  async function roundTrip(): Promise<void> {
    const { behaviour } = here.server;
    const callIds = new Set(here.server.framesOf("open").map((frame) => frame.callId));
    here.server.behaviour = (frame, send) => {
      if ("callId" in frame && callIds.has(frame.callId)) behaviour(frame, send);
      else answering(double)(frame, send);
    };
    await doubleFunction(here).remote(0);
    here.server.behaviour = behaviour;
  }
});

describe("a cut link", () => {
  test("a map goes on: unstored chunks are sent again, outputs are watched from the first one missing, and none counts twice", async () => {
    // Of two chunks, the first is stored. Outputs 0 and 2 arrive; then the orchestrator dies.
    here.server.behaviour = (frame, send) => {
      if (frame.type !== "inputs" || frame.firstIndex !== 0) return;
      send({ type: "stored", callId: frame.callId, firstIndex: 0, count: frame.values.length });
      send({ type: "outputs", callId: frame.callId, outputs: [succeeded(0, 0), succeeded(2, 4)] });
    };
    const results = doubleFunction(here).map(numbers(600)).toArray();
    await here.server.until(() => here.server.framesOf("close")[0]);
    const { callId } = await firstOpen(here);
    const chunks = here.server.framesOf("inputs").map((f) => [f.firstIndex, f.values.length]);
    expect(chunks).toEqual([
      [0, 512],
      [512, 88],
    ]);

    await here.server.stop();
    here.server.received.length = 0;
    here.server.behaviour = (frame, send) => {
      if (frame.type !== "watch") return;
      const outputs = numbers(600).map((index) => succeeded(index, double(index)));
      send({ type: "outputs", callId, outputs: outputs.slice(frame.fromIndex) });
      send({ type: "outputs", callId, outputs: outputs.slice(0, 300) }, finished(callId, 600));
    };
    await here.server.start();

    expect(await results).toEqual(numbers(600).map(double));
    expect(here.server.received).toMatchObject([
      { type: "open", callId, resume: true, kind: "map" },
      { type: "inputs", callId, firstIndex: 512 },
      { type: "close", callId, inputCount: 600 },
      { type: "watch", callId, fromIndex: 1 },
    ] satisfies Partial<FrameOf<"open" | "inputs" | "close" | "watch">>[]);
  });

  test("a call made while the orchestrator is away is sent when it is back", async () => {
    expect(await doubleFunction(here).remote(1)).toBe(2);
    await here.server.stop();
    const call = doubleFunction(here).remote(2);
    await here.server.start();
    expect(await call).toBe(4);
  });

  test("a call fails when the orchestrator says that it does not understand this client, instead of repeating itself", async () => {
    holdBack(here);
    const call = doubleFunction(here).remote(1);
    await firstOpen(here);
    const refused = expect(call).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringContaining("bad frame"),
    });
    here.server.closeAll(4400, "bad frame");
    await refused;
    expect(here.server.connections).toBe(1);
  });
});
