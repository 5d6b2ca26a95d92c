import { gpuRequestOf } from "@bellows/protocol/gpus";
import { expect, test } from "vitest";
import { GIVE_WAY_MS, gpuGiving } from "./gpu-giving.ts";
import { awaitGpus, gpuRoom, takeGpus } from "./gpu-line.ts";
import { type GpuLine, gpuLineOf } from "./gpu-state.ts";

/** Eight devices, and functions with so many containers of one each, such as `{ a: 5 }`. */
function lineOf(held: Record<string, number>): GpuLine {
  const line = gpuLineOf(
    Array.from({ length: 8 }, (_, index) => ({ id: String(index), name: "H100", memoryMiB: null })),
  );
  for (const [functionId, count] of Object.entries(held)) {
    for (let made = 0; made < count; made++) {
      takeGpus(line, `${functionId}${made}`, { functionId, requests: [gpuRequestOf("H100")] }, 0);
    }
  }
  return line;
}

function wait(line: GpuLine, functionId: string, gpu: string): void {
  awaitGpus(line, { functionId, requests: [gpuRequestOf(gpu)], count: 1 }, 0);
}

const givenBy = (line: GpuLine, functionId: string, nowMs = GIVE_WAY_MS) =>
  gpuGiving(line, functionId, nowMs)?.count ?? 0;

test("those with the most devices give way, and only after a while", () => {
  const line = lineOf({ a: 5, b: 3 });
  wait(line, "c", "H100");
  expect([givenBy(line, "a", GIVE_WAY_MS - 1), givenBy(line, "a"), givenBy(line, "b")]).toEqual([0, 1, 0]);
  expect([...(gpuGiving(line, "a", GIVE_WAY_MS)?.among ?? [])]).toEqual(["a0", "a1", "a2", "a3", "a4"]);
});

test("for a wish for all devices everybody gives, for less no more than it takes", () => {
  const all = lineOf({ a: 5, b: 2 });
  wait(all, "c", "H100:8");
  expect([givenBy(all, "a"), givenBy(all, "b")]).toEqual([5, 2]);
  const some = lineOf({ a: 4, b: 2 });
  wait(some, "c", "H100:4");
  expect([givenBy(some, "a"), givenBy(some, "b")]).toEqual([2, 0]);
});

test("equals do not take from each other, and who has nothing takes from anybody", () => {
  const equals = lineOf({ a: 4, b: 4 });
  wait(equals, "a", "H100");
  wait(equals, "b", "H100");
  expect([givenBy(equals, "a"), givenBy(equals, "b")]).toEqual([0, 0]);
  const unequal = lineOf({ a: 5, b: 3 });
  wait(unequal, "b", "H100");
  expect(givenBy(unequal, "a")).toBe(1);
  const full = lineOf({ a: 8 });
  wait(full, "b", "H100:8");
  expect(givenBy(full, "a")).toBe(8);
});

test("what minContainers keeps is not asked for", () => {
  const line = lineOf({ a: 5, b: 3 });
  gpuRoom(line, { functionId: "a", requests: [gpuRequestOf("H100")], minContainers: 5 }, 0);
  wait(line, "c", "H100");
  expect([givenBy(line, "a"), givenBy(line, "b")]).toEqual([0, 1]);
  wait(line, "c", "H100:8");
  expect([givenBy(line, "a"), givenBy(line, "b")]).toEqual([0, 0]);
});
