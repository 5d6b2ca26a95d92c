import { expect, test } from "vitest";
import type { KeyPress, Pending } from "./key-sequence.ts";
import { nextKey } from "./key-sequence.ts";

const TARGETS = new Map([
  ["a", "/apps"],
  ["g", "/gallery"],
]);

test("g and a room's key within patience go there", () => {
  expect(press([key("g", 0), key("a", 1_200)])).toEqual(["/apps"]);
});

test("slow, modified or unknown second keys go nowhere", () => {
  expect(press([key("g", 0), key("a", 1_201)])).toEqual([]);
  expect(press([key("g", 0), { ...key("a", 10), modified: true }])).toEqual([]);
  expect(press([key("g", 0), key("x", 10), key("a", 20)])).toEqual([]);
});

test("a second g may itself be a target", () => {
  expect(press([key("g", 0), key("g", 10)])).toEqual(["/gallery"]);
});

function key(name: string, atMs: number): KeyPress {
  return { key: name, modified: false, atMs };
}

function press(presses: readonly KeyPress[]): string[] {
  let pending: Pending | null = null;
  const gone: string[] = [];
  for (const one of presses) {
    const step: ReturnType<typeof nextKey<string>> = nextKey(pending, one, TARGETS);
    pending = step.pending;
    if (step.go !== undefined) gone.push(step.go);
  }
  return gone;
}
