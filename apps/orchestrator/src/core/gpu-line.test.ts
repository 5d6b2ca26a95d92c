import { type GpuDevice, gpuRequestOf } from "@bellows/protocol/gpus";
import { expect, test } from "vitest";
import { awaitGpus, gpuRoom, holdGpus, KEEP_MS, releaseGpus, takeGpus } from "./gpu-line.ts";
import { freeGpus, type GpuLine, gpuLineOf } from "./gpu-state.ts";

const host = (count: number, name = "H100"): GpuDevice[] =>
  Array.from({ length: count }, (_, index) => ({ id: String(index), name, memoryMiB: null }));
const wish = (functionId: string, ...gpu: string[]) => ({ functionId, requests: gpu.map(gpuRequestOf) });
const wait = (line: GpuLine, functionId: string, gpu: string, count = 1, nowMs = 0): void =>
  awaitGpus(line, { ...wish(functionId, gpu), count }, nowMs);
const take = (line: GpuLine, containerId: string, functionId: string, gpu: string, nowMs = 0) =>
  takeGpus(line, containerId, wish(functionId, gpu), nowMs)?.map(({ id }) => id);
const room = (line: GpuLine, functionId: string, gpu: string, nowMs = 0): number =>
  gpuRoom(line, wish(functionId, gpu), nowMs).more;

test("devices are given, held, and free again when their container is gone", () => {
  const line = gpuLineOf(host(3));
  expect(room(line, "f", "H100:2")).toBe(1);
  expect(take(line, "a", "f", "H100:2")).toEqual(["0", "1"]);
  expect(take(line, "b", "f", "H100:2")).toBeUndefined();
  expect(gpuRoom(line, wish("f", "H100:2"), 0)).toEqual({
    more: 0,
    why: "wants H100:2; 2 of 3 are in use",
    giving: null,
  });
  expect(releaseGpus(line, "a")).toBe(true);
  expect(releaseGpus(line, "a")).toBe(false);
  expect(freeGpus(line)).toHaveLength(3);
});

test("who came first is served first, one container a turn", () => {
  const line = gpuLineOf(host(1));
  take(line, "a", "holder", "H100");
  wait(line, "f", "H100", 3);
  wait(line, "g", "H100", 1);
  releaseGpus(line, "a");
  expect([room(line, "g", "H100"), room(line, "f", "H100"), room(line, "newcomer", "H100")]).toEqual([0, 1, 0]);
  expect(take(line, "b", "g", "H100")).toBeUndefined();
  expect(take(line, "b", "f", "H100")).toEqual(["0"]);
  releaseGpus(line, "b");
  expect([room(line, "g", "H100"), room(line, "f", "H100")]).toEqual([1, 0]);
});

test("of those who wait the one with the fewest devices is served first, also before it has joined the line", () => {
  const line = gpuLineOf(host(4));
  for (const id of ["a", "b", "c"]) take(line, id, "many", "H100");
  take(line, "d", "few", "H100");
  wait(line, "many", "H100", 5);
  wait(line, "few", "H100", 5);
  releaseGpus(line, "a");
  expect([room(line, "many", "H100"), room(line, "few", "H100"), room(line, "newcomer", "H100")]).toEqual([0, 1, 1]);
  expect(take(line, "e", "few", "H100")).toEqual(["0"]);
  releaseGpus(line, "d");
  // Equal then, and the other one has waited for longer.
  expect([room(line, "many", "H100"), room(line, "few", "H100")]).toEqual([0, 1]);
  releaseGpus(line, "e");
  expect([room(line, "many", "H100"), room(line, "few", "H100")]).toEqual([0, 2]);
});

test("a container in place of one that has ended takes nothing from what its function waits for, and one more does", () => {
  const line = gpuLineOf(host(3));
  for (const id of ["a", "b"]) take(line, id, "f", "H100");
  take(line, "c", "g", "H100");
  wait(line, "f", "H100", 5, 1_000);
  releaseGpus(line, "a");
  take(line, "d", "f", "H100", 2_000);
  expect(line.waiting).toMatchObject([{ functionId: "f", count: 5, sinceMs: 1_000 }]);
  releaseGpus(line, "c");
  take(line, "e", "f", "H100", 3_000);
  expect(line.waiting).toMatchObject([{ functionId: "f", count: 4, sinceMs: 3_000 }]);
});

test("devices are kept for a wish for many, and given to nobody behind it", () => {
  const line = gpuLineOf(host(4));
  for (const id of ["a", "b", "c"]) take(line, id, "singles", "H100");
  wait(line, "big", "H100:4");
  wait(line, "singles", "H100", 5);
  expect(gpuRoom(line, wish("singles", "H100"), 0)).toEqual({
    more: 0,
    why: "wants H100; 3 of 4 are in use, 1 is kept for who comes first",
    giving: null,
  });
  for (const id of ["a", "b", "c"]) {
    expect(room(line, "big", "H100:4")).toBe(0);
    releaseGpus(line, id);
  }
  expect(take(line, "d", "big", "H100:4")).toEqual(["0", "1", "2", "3"]);
});

test("what is of no use to those who wait may be taken at once", () => {
  const line = gpuLineOf([...host(2), { id: "7", name: "T4", memoryMiB: null }]);
  take(line, "a", "holder", "H100");
  wait(line, "big", "H100:2");
  expect(take(line, "b", "newcomer", "T4")).toEqual(["7"]);
  expect(take(line, "c", "newcomer", "H100")).toBeUndefined();
});

test("no more is kept than the wish is for", () => {
  const line = gpuLineOf([...host(4), { id: "7", name: "T4", memoryMiB: null }]);
  take(line, "t", "holder", "T4");
  for (const id of ["a", "b"]) take(line, id, "holder", "H100");
  wait(line, "first", "H100:3");
  expect(room(line, "second", "H100")).toBe(0);
  releaseGpus(line, "a");
  expect(room(line, "second", "H100")).toBe(0);
  releaseGpus(line, "b");
  expect(room(line, "second", "H100")).toBe(1);
});

test("what cannot come together is not kept for ever: the others may pass for as long", () => {
  const line = gpuLineOf(host(4));
  take(line, "kept running", "warm", "H100");
  wait(line, "big", "H100:4");
  wait(line, "singles", "H100", 9);
  expect(room(line, "singles", "H100")).toBe(0);
  expect(room(line, "singles", "H100", KEEP_MS - 1)).toBe(0);
  expect(room(line, "singles", "H100", KEEP_MS)).toBe(3);
  for (const id of ["a", "b", "c"]) expect(take(line, id, "singles", "H100", KEEP_MS)).toBeDefined();
  releaseGpus(line, "a");
  expect(room(line, "singles", "H100", 2 * KEEP_MS - 1)).toBe(1);
  expect(room(line, "singles", "H100", 2 * KEEP_MS)).toBe(0);
});

test("a function that wants no more leaves the line", () => {
  const line = gpuLineOf(host(2));
  take(line, "a", "holder", "H100");
  wait(line, "big", "H100:2");
  expect(room(line, "single", "H100")).toBe(0);
  wait(line, "big", "H100:2", 0);
  expect(room(line, "single", "H100")).toBe(1);
});

test("what a container was found with after a restart is given to nobody else", () => {
  const line = gpuLineOf(host(2));
  holdGpus(line, "adopted", { functionId: "f", gpus: [{ id: "0", name: "H100" }] });
  expect(take(line, "a", "g", "H100")).toEqual(["1"]);
  expect(take(line, "b", "g", "H100")).toBeUndefined();
});

test("where a wish can never be met nobody waits: the start is to fail with the reason", () => {
  const line = gpuLineOf(host(2, "A10G"));
  expect(gpuRoom(line, wish("f", "H100"), 0)).toEqual({
    more: Number.POSITIVE_INFINITY,
    why: "this host has no H100; it has A10G:2",
    giving: null,
  });
});
