import type { ServerFrame } from "@bellows/protocol/client-frames";
import { expect, test, vi } from "vitest";
import type { DeliveredOutput } from "../engine/call-listener.ts";
import { outgoing } from "./outgoing.ts";

const END = { state: "succeeded", inputCount: 3, counts: { succeeded: 3, failed: 0, cancelled: 0 } } as const;
const output = (index: number): DeliveredOutput => [index, 0, new Uint8Array([index]), 1, null];

/** A link that is full for as long as a test says so. */
function setUp() {
  const sent: ServerFrame[] = [];
  const resent: string[] = [];
  let full = true;
  let roomAgain = (): void => {};
  const room = new Promise<void>((resolve) => {
    roomAgain = resolve;
  });
  const link = {
    send: (frame: ServerFrame) => void sent.push(frame),
    last: () => sent.at(-1),
    grew: () => {},
    get isFull() {
      return full;
    },
    room: () => room,
  };
  const stored = new Map<number, Uint8Array>();
  const out = outgoing({
    link,
    reader: {
      outputs: async (_callId, fromIndex) =>
        [...stored]
          .filter(([index]) => index >= fromIndex)
          .sort(([a], [b]) => a - b)
          .map(([index, payload]) => ({ index, status: 0, payload, attempts: 1, containerId: null })),
    },
    committed: async () => {},
    resendYields: (callId) => void resent.push(callId),
    over: () => {},
    failed: (error) => expect.unreachable(String(error)),
  });
  return {
    out,
    sent,
    resent,
    stored,
    empty() {
      full = false;
      roomAgain();
    },
    indexes: () => sent.flatMap((frame) => (frame.type === "outputs" ? frame.outputs.map(([index]) => index) : [])),
  };
}

test("outputs that a full link cannot take are fetched when there is room, and the end waits for them", async () => {
  const { out, sent, stored, empty, indexes } = setUp();
  for (const index of [2, 0]) {
    stored.set(index, new Uint8Array([index]));
    out.output("a", output(index));
  }
  out.finished("a", END);
  out.finished("b", END);
  expect(sent.map(({ type }) => type)).toEqual(["finished"]);
  empty();
  out.output("a", output(1));
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ type: "finished", callId: "a" }));
  expect(indexes().sort()).toEqual([0, 1, 2]);
});

test("values that a full link cannot take are asked for again, and those behind them are not passed on before", async () => {
  const { out, sent, resent, empty } = setUp();
  out.yielded("a", 4, [new Uint8Array(1)]);
  out.yielded("a", 5, [new Uint8Array(1)]);
  empty();
  await vi.waitFor(() => expect(resent).toEqual(["a"]));
  out.yielded("a", 6, [new Uint8Array(1)]);
  out.yielded("a", 4, [new Uint8Array(1), new Uint8Array(1)]);
  out.yielded("a", 6, [new Uint8Array(1)]);
  expect(sent).toMatchObject([
    { type: "yields", firstSeq: 4 },
    { type: "yields", firstSeq: 6 },
  ]);
});

test("the place in a stream is kept while values come, and forgotten once thousands of others were heard of since", () => {
  const { out, sent, empty } = setUp();
  empty();
  const value = [new Uint8Array(1)];
  out.expects("a", 3);
  out.yielded("a", 4, value);
  expect(sent).toEqual([]);
  for (let other = 0; other < 4_095; other++) out.expects(`other ${other}`, 0);
  out.yielded("a", 3, value);
  for (let other = 0; other < 4_095; other++) out.expects(`another ${other}`, 0);
  // The value before it has gone missing.
  out.yielded("a", 5, value);
  expect(sent).toMatchObject([{ callId: "a", firstSeq: 3 }]);
  out.expects("one more", 0);
  out.yielded("a", 7, value);
  expect(sent).toMatchObject([{ firstSeq: 3 }, { firstSeq: 7 }]);
});

test("log lines that a full link cannot take are left out, and that is said", () => {
  const { out, sent, empty } = setUp();
  const line = ["ocr", 1, "stdout", null, null, "container", "hello"] as const;
  out.logs("app", [[...line], [...line]]);
  empty();
  out.logs("app", [[...line]]);
  expect(sent).toMatchObject([
    { lines: [["ocr", 1, "system", null, null, "container", expect.stringContaining("2 lines")]] },
    { lines: [["ocr", 1, "stdout", null, null, "container", "hello"]] },
  ]);
});
