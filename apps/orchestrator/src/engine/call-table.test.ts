import { LIMITS } from "@bellows/protocol/limits";
import { expect, test } from "vitest";
import type { CallListener } from "./call-listener.ts";
import { CallTable } from "./call-table.ts";

const END = { state: "succeeded", inputCount: 1, counts: { succeeded: 1, failed: 0, cancelled: 0 } } as const;
const LONG = LIMITS.vanishedCallerMs;

function listener(): CallListener & { heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    output: (_callId, [index]) => void heard.push(`output ${index}`),
    yielded: (_callId, firstSeq) => void heard.push(`value ${firstSeq}`),
    finished: (_callId, { state }) => void heard.push(state),
  };
}

function vanished(table: CallTable, nowMs: number): string[] {
  return [...table.vanished(nowMs)].map(({ callId }) => callId);
}

test("every listener hears each output and the end, and nothing after it", () => {
  const table = new CallTable();
  const entry = table.open({ callId: "a", kind: "map", announced: 0 }, 0);
  const [one, two] = [listener(), listener()];
  entry.audience.listen(one);
  entry.audience.listen(two);
  entry.audience.output([3, 0, new Uint8Array(), 1, null]);
  entry.audience.unlisten(two, 0);
  table.finish("a", END);
  entry.audience.output([4, 0, new Uint8Array(), 1, null]);
  table.finish("a", END);
  expect(one.heard).toEqual(["output 3", "succeeded"]);
  expect(two.heard).toEqual(["output 3"]);
  expect(table.size).toBe(0);
});

test("a sync call vanishes when nobody has listened for long, counted from the last who did", () => {
  const table = new CallTable();
  const entry = table.open({ callId: "a", kind: "remote", announced: 0 }, 0);
  entry.closed = true;
  expect(vanished(table, LONG)).toEqual(["a"]);
  const one = listener();
  entry.audience.listen(one);
  expect(vanished(table, 10 * LONG)).toEqual([]);
  entry.audience.unlisten(one, 10 * LONG);
  expect(vanished(table, 11 * LONG - 1)).toEqual([]);
  expect(vanished(table, 11 * LONG)).toEqual(["a"]);
});

test("an async call waits for nobody, but for whoever still has to add its inputs", () => {
  const table = new CallTable();
  const entry = table.open({ callId: "a", kind: "spawnMap", announced: 0 }, 0);
  entry.audience.attachFeeder();
  entry.audience.attachFeeder();
  entry.audience.detachFeeder(1);
  expect(vanished(table, 2 * LONG)).toEqual([]);
  entry.audience.detachFeeder(LONG);
  expect(vanished(table, 2 * LONG)).toEqual(["a"]);
  entry.closed = true;
  expect(vanished(table, 2 * LONG)).toEqual([]);
});

test("a call that was cancelled does not vanish once more", () => {
  const table = new CallTable();
  table.open({ callId: "a", kind: "map", announced: 0 }, 0).cancelled = true;
  expect(vanished(table, LONG)).toEqual([]);
});

test("inputs of an async call stay in memory until they are too many or too large, and never again after", () => {
  const table = new CallTable();
  const many = table.open({ callId: "many", kind: "spawnMap", announced: 0 }, 0);
  many.received = 4_000;
  expect(table.keepInMemory(many, Array(96).fill(new Uint8Array(1)))).toBe(true);
  expect(table.keepInMemory(many, Array(97).fill(new Uint8Array(1)))).toBe(false);
  many.received = 0;
  expect(table.keepInMemory(many, [new Uint8Array(1)])).toBe(false);
  const large = table.open({ callId: "large", kind: "spawnMap", announced: 0 }, 0);
  expect(table.keepInMemory(large, [new Uint8Array(8 * 1024 * 1024)])).toBe(true);
  expect(table.keepInMemory(large, [new Uint8Array(1)])).toBe(false);
});

test("who waits for one output hears of that one and of the end, and keeps a sync call alive", () => {
  const table = new CallTable();
  const entry = table.open({ callId: "a", kind: "remote", announced: 1 }, 0);
  const heard: string[] = [];
  const waiter = {
    output: ([index]: [number, ...unknown[]]) => void heard.push(`output ${index}`),
    finished: () => void heard.push("end"),
  };
  entry.audience.await(3, waiter);
  expect(vanished(table, 10 * LONG)).toEqual([]);
  expect([entry.audience.awaits(3), entry.audience.awaits(4)]).toEqual([true, false]);
  entry.audience.output([4, 0, new Uint8Array(), 1, null]);
  entry.audience.output([3, 0, new Uint8Array(), 1, null]);
  expect(heard).toEqual(["output 3"]);
  entry.audience.unawait(3, waiter, 10 * LONG);
  expect(vanished(table, 10 * LONG)).toEqual([]);
  expect(vanished(table, 11 * LONG)).toEqual(["a"]);
  entry.audience.await(5, waiter);
  table.finish("a", END);
  expect(heard).toEqual(["output 3", "end"]);
});

test("inputs without an output are counted from their announcement to their end", () => {
  const table = new CallTable();
  const entry = table.open({ callId: "a", kind: "spawnMap", announced: 10 }, 0);
  expect(table.outstanding("async")).toBe(10);
  table.received(entry, 4);
  table.inputEnded(entry);
  expect(table.outstanding("async")).toBe(9);
  table.close(entry);
  expect(table.outstanding("async")).toBe(3);
  const counts = { succeeded: 2, failed: 1, cancelled: 0 };
  table.restore({ callId: "b", kind: "spawn", storedCount: 7, inputCount: 7, counts }, 0);
  expect([table.outstanding("async"), table.outstanding("sync")]).toEqual([7, 0]);
  const back = table.restore({ callId: "c", kind: "spawnMap", storedCount: 4, inputCount: null, counts }, 0);
  expect(table.outstanding("async")).toBe(8);
  table.announce(back, 10);
  expect(table.outstanding("async")).toBe(14);
  table.received(back, 6);
  expect(table.outstanding("async")).toBe(14);
  for (const callId of ["a", "b", "c"]) table.finish(callId, END);
  expect(table.outstanding("async")).toBe(0);
});
