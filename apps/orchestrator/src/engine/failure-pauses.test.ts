import { expect, test } from "vitest";
import { FailurePauses } from "./failure-pauses.ts";

test("pauses double up to a minute, and begin anew for an engine that has worked for a while", () => {
  const pauses = new FailurePauses();
  let nowMs = 0;
  const fail = (afterMs: number) => {
    nowMs += afterMs;
    return pauses.next("f", nowMs) / 1_000;
  };
  expect(Array.from({ length: 8 }, () => fail(1_000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(pauses.next("another", nowMs)).toBe(1_000);
  expect(fail(119_999)).toBe(60);
  expect(fail(120_000)).toBe(1);
});

test("failures that count no more are forgotten, also of functions that never fail again", () => {
  const pauses = new FailurePauses();
  for (const [at, functionId] of ["a", "b", "c"].entries()) pauses.next(functionId, at * 1_000);
  pauses.next("a", 60_000);
  expect(pauses.size).toBe(3);
  pauses.next("d", 122_000);
  // Those of `a` and `d`.
  expect(pauses.size).toBe(2);
});
