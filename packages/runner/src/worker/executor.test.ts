import { AsyncLocalStorage } from "node:async_hooks";
import type { AttemptRef, InputItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { expect, it } from "vitest";
import { Executor } from "./executor.ts";

const callId = "01890a5d-ac96-774b-bcce-b302099a8057";
const input = (index: number): InputItem => [index, 1, encodeValue([index])];
const ref = (index: number): AttemptRef => [callId, index, 1];
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** More than begin in one turn of the event loop. */
const SLOTS = 200;

it("a recall gives back no input that has a slot, though the turn ended before it began", async () => {
  const frames: WorkerFrame[] = [];
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const called: unknown[] = [];
  const executor = new Executor(
    {
      call: async ([index]) => {
        called.push(index);
        await opened;
      },
      slots: SLOTS,
      write: (...written) => frames.push(...written),
      beforeEnd: () => {},
    },
    new AsyncLocalStorage(),
  );
  executor.run([[callId, numbers(0, SLOTS + 3).map(input)]]);
  expect(called.length).toBeLessThan(SLOTS);
  executor.recall([...numbers(0, SLOTS + 1), SLOTS + 2].map(ref));
  expect(frames).toEqual([{ type: "returned", attempts: [ref(SLOTS), ref(SLOTS + 2)] }]);
  open();
  await expect.poll(() => frames.length).toBe(1 + SLOTS + 1);
  expect(called).toEqual([...numbers(0, SLOTS), SLOTS + 1]);
  const statuses = frames
    .flatMap((frame) => (frame.type === "outputs" ? frame.outputs : []))
    .map(([, [end]]) => end?.[2]);
  expect(new Set(statuses)).toEqual(new Set([OUTPUT_STATUS.succeeded]));
});
