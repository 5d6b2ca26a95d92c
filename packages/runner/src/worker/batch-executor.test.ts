import { AsyncLocalStorage } from "node:async_hooks";
import type { AttemptRef, InputItem, OfCall } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { describe, expect, it } from "vitest";
import { BatchExecutor } from "./batch-executor.ts";
import type { Running } from "./running-input.ts";

const CALLS = ["01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"] as const;
const [callId, otherCallId] = CALLS;
const input = (index: number, ...args: unknown[]): InputItem => [index, 1, encodeValue(args)];
const inputs = (...texts: string[]): OfCall<InputItem>[] => [[callId, texts.map((text, at) => input(at, text))]];
const ref = (index: number): AttemptRef => [callId, index, 1];
const settled = () => new Promise(setImmediate);

type Told = [call: number, index: number, status: number, value: unknown];

/** An executor of a handler with so many lists. `ends` are the outputs of each frame. */
function executing(call: (lists: unknown[][], running: Running | undefined) => unknown, { slots = 1, lists = 1 } = {}) {
  const current = new AsyncLocalStorage<Running>();
  const frames: WorkerFrame[] = [];
  const executor = new BatchExecutor(
    {
      invocation: {
        parameters: lists,
        argumentsOf: (args) => args,
        call: (given) => call(given, current.getStore()),
      },
      slots,
      write: (...written) => frames.push(...written),
      beforeEnd: () => {},
    },
    current,
  );
  const ends = (): Told[][] =>
    frames
      .flatMap((frame) => (frame.type === "outputs" ? [frame.outputs] : []))
      .map((outputs) =>
        outputs.flatMap(([id, items]) =>
          items.map(
            ([index, , status, payload]): Told => [CALLS.indexOf(id as never), index, status, decodeValue(payload)],
          ),
        ),
      );
  return { executor, frames, ends };
}

const { succeeded, failed, cancelled } = OUTPUT_STATUS;

describe("a batch", () => {
  it("reaches the handler as lists in its order, of all its calls, and ends in one frame", async () => {
    const { executor, ends } = executing(([texts, numbers]) => texts?.map((text, at) => `${text}${numbers?.[at]}`), {
      lists: 2,
    });
    executor.run([
      [callId, [input(0, "a", 1), input(1, "b", 2)]],
      [otherCallId, [input(0, "c", 3)]],
      [callId, [input(2, "d", 4)]],
    ]);
    await settled();
    expect(ends()).toEqual([
      [
        [0, 0, succeeded, "a1"],
        [0, 1, succeeded, "b2"],
        [1, 0, succeeded, "c3"],
        [0, 2, succeeded, "d4"],
      ],
    ]);
  });

  it("begins when there is a slot, after the ends of the one before it are written, and is never merged", async () => {
    const seen: [unknown, number][] = [];
    const { executor, frames, ends } = executing(async ([texts]) => {
      seen.push([texts, frames.length]);
      await settled();
      return texts;
    });
    executor.run(inputs("a", "b"));
    executor.run(inputs("c"));
    expect(seen).toEqual([[["a", "b"], 0]]);
    await expect.poll(() => ends().length).toBe(2);
    expect(seen).toEqual([
      [["a", "b"], 0],
      [["c"], 1],
    ]);
  });

  it.each([
    [[1], "the batch had 2 inputs and the handler returned a list of 1"],
    ["ab", "the batch had 2 inputs and the handler returned a string, which is no list"],
  ])("whose handler returns %j fails, and says both lengths", async (returned, message) => {
    const { executor, ends } = executing(() => returned);
    executor.run(inputs("a", "b"));
    await settled();
    const error = expect.objectContaining({ code: "INVALID", message: expect.stringContaining(message) });
    expect(ends()).toEqual([
      [
        [0, 0, failed, error],
        [0, 1, failed, error],
      ],
    ]);
  });

  it("fails as a whole with one throw, and by one with a result that cannot travel or is a rejected promise", async () => {
    const throwing = executing(() => {
      throw new RangeError("full");
    });
    throwing.executor.run(inputs("a", "b"));
    const apart = executing(() => [Promise.resolve(1), Promise.reject(new RangeError("torn")), () => 1, 4]);
    apart.executor.run(inputs("a", "b", "c", "d"));
    await settled();
    const full = expect.objectContaining({ name: "RangeError", message: "full" });
    expect(throwing.ends()).toEqual([
      [
        [0, 0, failed, full],
        [0, 1, failed, full],
      ],
    ]);
    expect(apart.ends()).toEqual([
      [
        [0, 0, succeeded, 1],
        [0, 1, failed, expect.objectContaining({ code: "REMOTE", message: "torn" })],
        [0, 2, failed, expect.objectContaining({ code: "SERIALIZATION" })],
        [0, 3, succeeded, 4],
      ],
    ]);
  });

  it("goes on without an input whose arguments are too few, too many or unreadable", async () => {
    const { executor, ends } = executing(([texts]) => texts);
    executor.run([[callId, [input(0), input(1, "b"), input(2, "c", "d"), [3, 1, new Uint8Array([0x92])]]]]);
    await settled();
    const [alone, others] = ends();
    expect(alone).toMatchObject([
      [0, 0, failed, { code: "INVALID", message: expect.stringContaining("has 0 arguments and the batched") }],
      [0, 2, failed, { code: "INVALID", message: expect.stringContaining("has 2 arguments and the batched") }],
      [0, 3, failed, { code: expect.any(String) }],
    ]);
    expect(others).toEqual([[0, 1, succeeded, "b"]]);
  });

  it("of none but such inputs takes no slot", async () => {
    const { executor, ends } = executing(([texts]) => texts);
    executor.run([[callId, [input(0)]]]);
    executor.run(inputs("a"));
    await settled();
    expect(ends().at(-1)).toEqual([[0, 0, succeeded, "a"]]);
  });
});

describe("a cancel", () => {
  it("ends those of a running batch beside which others go on, whose results are passed over", async () => {
    let release = (_: unknown) => {};
    let signal: AbortSignal | undefined;
    const { executor, ends } = executing((_, running) => {
      signal = running?.signal;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    executor.run(inputs("a", "b", "c"));
    executor.cancel([ref(1)]);
    expect(ends()).toMatchObject([[[0, 1, cancelled, { code: "CANCELLED" }]]]);
    expect(signal?.aborted).toBe(false);
    release(["A", "B", "C"]);
    await settled();
    expect(ends()[1]).toEqual([
      [0, 0, succeeded, "A"],
      [0, 2, succeeded, "C"],
    ]);
  });

  it("of all that is left fires the signal of the batch, and ends it when it heeds that", async () => {
    const { executor, ends } = executing(
      (_, running) =>
        new Promise((_resolve, reject) => {
          running?.signal.addEventListener("abort", () => reject(running.signal.reason));
        }),
    );
    executor.run(inputs("a", "b", "c"));
    executor.cancel([ref(0)]);
    expect(ends()).toHaveLength(1);
    executor.cancel([ref(1), ref(2)]);
    await settled();
    expect(ends()[1]).toMatchObject([
      [0, 1, cancelled, { code: "CANCELLED" }],
      [0, 2, cancelled, { code: "CANCELLED" }],
    ]);
  });

  it("takes those that have not begun out of their batch; a recall gives them back", async () => {
    let release = (_: unknown) => {};
    const { executor, frames, ends } = executing(([texts]) =>
      texts?.[0] === "first" ? new Promise((resolve) => (release = resolve)) : texts,
    );
    executor.run([[otherCallId, [input(0, "first")]]]);
    executor.run(inputs("a", "b", "c"));
    executor.cancel([ref(0)]);
    executor.recall([ref(2), [otherCallId, 0, 1]]);
    expect(frames.at(-1)).toEqual({ type: "returned", attempts: [ref(2)] });
    release(["done"]);
    await settled();
    expect(ends()).toMatchObject([
      [[0, 0, cancelled, { code: "CANCELLED" }]],
      [[1, 0, succeeded, "done"]],
      [[0, 1, succeeded, "b"]],
    ]);
  });
});

it("an error that escapes ends all inputs of its batch, and no other batch", () => {
  const batches: (Running | undefined)[] = [];
  const { executor, ends } = executing((_, running) => batches.push(running) && new Promise(() => {}), { slots: 2 });
  executor.run(inputs("a", "b"));
  executor.run([[otherCallId, [input(0, "c")]]]);
  executor.run([[otherCallId, [input(1, "d")]]]);
  const [guilty] = batches;
  if (!guilty) throw new Error("a batch was begun");
  executor.fail(guilty, { code: "REMOTE", name: "Error", message: "from a timer" });
  const error = expect.objectContaining({ message: "from a timer" });
  expect(ends()).toEqual([
    [
      [0, 0, failed, error],
      [0, 1, failed, error],
    ],
  ]);
  expect(batches).toHaveLength(2);
});

it("what code may know of its input is what all inputs of the batch have in common", () => {
  const seen: unknown[] = [];
  const { executor } = executing(
    (_, running) => {
      seen.push([running?.callId, running?.index, running?.common]);
      return new Promise(() => {});
    },
    { slots: 3 },
  );
  const alone: OfCall<InputItem>[] = [[callId, [input(4, "a")]]];
  const ofOneCall: OfCall<InputItem>[] = [[callId, [input(5, "b"), input(6, "c")]]];
  const ofTwoCalls: OfCall<InputItem>[] = [
    [otherCallId, [input(7, "d")]],
    [callId, [input(8, "e")]],
  ];
  for (const batch of [alone, ofOneCall, ofTwoCalls]) executor.run(batch);
  expect(seen).toEqual([
    [callId, 4, "input"],
    [callId, 5, "call"],
    [otherCallId, 7, "nothing"],
  ]);
});
