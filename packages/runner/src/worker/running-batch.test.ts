import { expect, test } from "vitest";
import { type BatchMember, RunningBatch } from "./running-batch.ts";

function member(callId: string, index: number): BatchMember {
  return { callId, item: [index, 1, new Uint8Array()], args: [], ended: false };
}

test("a batch speaks for its first input, and when that has ended for the next that has not", () => {
  const [first, second] = [member("a", 3), member("b", 5)];
  const batch = new RunningBatch(first, [second]);
  expect([batch.callId, batch.index]).toEqual(["a", 3]);
  first.ended = true;
  expect([batch.callId, batch.index]).toEqual(["b", 5]);
  second.ended = true;
  expect([batch.callId, batch.index]).toEqual(["a", 3]);
});
