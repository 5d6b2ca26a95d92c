import type { DecisionView } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { decisionMarks } from "./decision-marks.ts";

function decision(atMs: number): DecisionView {
  return { id: String(atMs), atMs, desired: 1, current: 0, queued: 1, running: 0, cappedBy: null, reason: "wanted 1" };
}

test("decisions stand where they were made; those that cannot be told apart are one mark, which says the last of them", () => {
  const newestFirst = [decision(1_900), decision(1_505), decision(1_500), decision(1_490), decision(1_000)];
  expect(decisionMarks(newestFirst, { fromMs: 1_000, toMs: 2_000 })).toMatchObject([
    { decision: { atMs: 1_000 }, more: 0, at: 0 },
    { decision: { atMs: 1_505 }, more: 2, at: 0.505 },
    { decision: { atMs: 1_900 }, more: 0, at: 0.9 },
  ]);
});

test("what was decided outside of the range has no mark in it", () => {
  expect(decisionMarks([decision(2_001), decision(999)], { fromMs: 1_000, toMs: 2_000 })).toEqual([]);
});
