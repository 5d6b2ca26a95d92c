import type { DecisionView } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { decisionMarks, MARK_WIDTH, markShape, noteOf, withKept } from "./decision-marks.ts";

const RANGE = { fromMs: 1_000, toMs: 2_000 };

function decision(atMs: number, over: Partial<DecisionView> = {}): DecisionView {
  const made = { id: String(atMs), atMs, desired: 1, current: 0, queued: 1, running: 0, cappedBy: null };
  return { ...made, reason: "wanted 1", ...over };
}

const NEWEST_FIRST = [1_900, 1_505, 1_500, 1_490, 1_000].map((atMs) => decision(atMs));

test("decisions stand where they were made; those that cannot be told apart are one mark, which says the last of them", () => {
  expect(decisionMarks(NEWEST_FIRST, RANGE, 600)).toMatchObject([
    { decisions: [{ atMs: 1_000 }], at: 0 },
    { decisions: [{ atMs: 1_505 }, { atMs: 1_500 }, { atMs: 1_490 }], at: 0.505 },
    { decisions: [{ atMs: 1_900 }], at: 0.9 },
  ]);
});

test.each([200, 278, 1_300])("marks do not overlap on a line of %i pixels, and none is lost", (width) => {
  const decisions = Array.from({ length: 100 }, (_, index) => decision(2_000 - index * 10));
  const marks = decisionMarks(decisions, RANGE, width);
  for (const [index, { at }] of marks.entries()) {
    const before = marks[index - 1];
    if (before) expect((at - before.at) * width).toBeGreaterThanOrEqual(MARK_WIDTH);
  }
  expect(marks.flatMap((mark) => mark.decisions)).toHaveLength(100);
});

test("what was decided outside of the range has no mark in it", () => {
  expect(decisionMarks([decision(2_001), decision(999)], RANGE, 600)).toEqual([]);
});

test("what is kept said is said of the same decision, though newer ones have joined its mark or pushed it out of the answer", () => {
  const kept = decision(1_500);
  expect(noteOf(decisionMarks([kept], RANGE, 600), kept)).toEqual({ decision: kept, before: 0, at: 0.5 });
  expect(noteOf(decisionMarks(NEWEST_FIRST, RANGE, 600), kept)).toEqual({ decision: kept, before: 1, at: 0.505 });
  const answer = withKept([decision(1_505)], kept);
  expect(noteOf(decisionMarks(answer, RANGE, 600), kept)).toEqual({ decision: kept, before: 0, at: 0.505 });
  expect(withKept(NEWEST_FIRST, kept)).toBe(NEWEST_FIRST);
  expect(withKept(NEWEST_FIRST, null)).toBe(NEWEST_FIRST);
});

test("up, down and capped are shapes of their own", () => {
  const [up, down] = [decision(1), decision(1, { desired: 0, current: 1 })];
  const capped = [up, down].map((plain) => ({ ...plain, cappedBy: "maxContainers" }));
  expect(new Set([up, down, ...capped].map(markShape)).size).toBe(4);
});
