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
