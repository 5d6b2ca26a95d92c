import { commandFrameSchema } from "@bellows/protocol/agent-frames";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { workerCommandSchema, workerFrameSchema } from "@bellows/protocol/worker-frames";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { sampleAnswers, sampleCommands, sampleOrders } from "./sample-frames.ts";

it("what is rehearsed with passes every check, so that none of them is met for the first time by a real frame", () => {
  expect(z.array(commandFrameSchema).safeParse(travelled(sampleOrders())).success).toBe(true);
  expect(z.array(workerCommandSchema).safeParse(travelled(sampleCommands())).success).toBe(true);
  expect(z.array(workerFrameSchema).safeParse(travelled(sampleAnswers())).success).toBe(true);
});

function travelled(frames: readonly unknown[]): unknown {
  return decodeFrames(encodeFrames(frames));
}
