import type { CallView } from "@bellows/protocol/call-views";
import { expect, test } from "vitest";
import { eachChange } from "./call-follow.ts";
import { someCall } from "./testing/call-view.ts";

const succeeded = ({ counts }: CallView) => `${counts.succeeded} done`;
const rate = (_call: CallView, perSecond: number) => `${perSecond}/s`;
const why = ({ waitReason }: CallView) => waitReason ?? "";

test("a line is said when something has changed, and no more than once a second", () => {
  const lines: string[] = [];
  const show = eachChange([succeeded, why], (line) => lines.push(line));
  const at = (atMs: number, done: number, waitReason: string | null = null) =>
    show(someCall({ counts: { succeeded: done, failed: 0, cancelled: 0 }, waitReason }), 1, atMs);
  at(0, 0, "all wait");
  at(300, 1);
  at(999, 2);
  expect(lines).toEqual(["0 done", "all wait"]);
  at(1_000, 2);
  at(5_000, 2);
  expect(lines.slice(2)).toEqual(["2 done"]);
  at(6_000, 2, "all wait");
  expect(lines.slice(3)).toEqual(["all wait"]);
});

test("another rate alone is nothing new", () => {
  const lines: string[] = [];
  const show = eachChange([rate], (line) => lines.push(line));
  show(someCall({}), 1, 0);
  show(someCall({}), 2, 2_000);
  expect(lines).toEqual(["1/s"]);
});
