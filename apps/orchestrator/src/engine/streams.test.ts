import type { CommandFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";
import { expect, test } from "vitest";
import { CallTable } from "./call-table.ts";
import { Streams } from "./streams.ts";

const END = { state: "succeeded", inputCount: 1, counts: { succeeded: 1, failed: 0, cancelled: 0 } } as const;
const ATTEMPT: AttemptRef = ["a", 0, 1];
const VALUE = [new Uint8Array(1)];

function setUp() {
  const calls = new CallTable();
  const sent: CommandFrame[] = [];
  const clock = { nowMs: 0 };
  const gone = new Set<string>();
  const streams = new Streams({
    calls,
    send(containerId, frame) {
      sent.push(frame);
      return !gone.has(containerId);
    },
    now: () => clock.nowMs,
  });
  calls.open({ callId: "a", kind: "remoteGen", announced: 1 }, 0);
  const heard: number[] = [];
  const taker = { yielded: (_callId: string, firstSeq: number) => void heard.push(firstSeq) };
  const takes = (): unknown[] => sent.map((frame) => frame.type === "take" && [frame.received, frame.resend]);
  return { calls, streams, clock, gone, heard, taker, takes };
}

test("what was taken before its container was heard of is told when it links up", () => {
  const { streams, taker, takes } = setUp();
  expect(streams.take("a", { received: 2, resend: true }, taker)).toBe(true);
  expect(takes()).toEqual([]);
  streams.linked("container", [ATTEMPT, ["b", 0, 1]]);
  expect(takes()).toEqual([[2, true]]);
  // A take that comes late takes nothing back.
  streams.take("a", { received: 1, resend: false }, taker);
  expect(takes().at(-1)).toEqual([2, false]);
});

test("values of a call that is over go to who takes them, as long as a caller may be away", () => {
  const { calls, streams, clock, heard, taker, takes } = setUp();
  streams.yielded("container", ATTEMPT, 0, VALUE);
  streams.over("a");
  calls.finish("a", END);
  expect(streams.take("a", { received: 0, resend: true }, taker)).toBe(true);
  expect(takes()).toEqual([[0, true]]);
  streams.yielded("container", ATTEMPT, 0, VALUE);
  expect(heard).toEqual([0]);
  clock.nowMs = LIMITS.vanishedCallerMs + 1;
  streams.forgetOver();
  expect(streams.has("a")).toBe(false);
  expect(streams.take("a", { received: 0, resend: true }, taker)).toBe(false);
  expect(streams.take("a", { received: 0, resend: false }, taker)).toBe(true);
});

test("values of a call that is over are lost with their container", () => {
  const { calls, streams, gone, taker } = setUp();
  streams.yielded("container", ATTEMPT, 0, VALUE);
  streams.over("a");
  calls.finish("a", END);
  gone.add("container");
  expect(streams.take("a", { received: 0, resend: true }, taker)).toBe(false);
  expect(streams.take("a", { received: 1, resend: false }, taker)).toBe(true);
});
