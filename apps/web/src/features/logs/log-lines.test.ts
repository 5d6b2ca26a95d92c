import type { LogLineView } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { appendLines, MAX_LINES, NO_LINES, prependLines } from "./log-lines.ts";

test("lines that come twice are shown once, and nothing new changes nothing", () => {
  const held = appendLines(NO_LINES, lines(0, 3));
  expect(appendLines(held, lines(1, 3))).toBe(held);
  expect(ids(appendLines(held, lines(2, 5)).lines)).toEqual(["0", "1", "2", "3", "4"]);
});

test("earlier lines go before the ones held", () => {
  const held = prependLines({ lines: lines(3, 5), hasEarlier: true }, lines(0, 4), false);
  expect(ids(held.lines)).toEqual(["0", "1", "2", "3", "4"]);
  expect(held.hasEarlier).toBe(false);
});

test("a log without end is held only up to its newest lines, and the rest can still be had", () => {
  const held = appendLines({ lines: lines(0, MAX_LINES), hasEarlier: false }, lines(MAX_LINES, MAX_LINES + 10));
  expect(held.lines).toHaveLength(MAX_LINES);
  expect(held.lines.at(-1)?.id).toBe(String(MAX_LINES + 9));
  expect(held.hasEarlier).toBe(true);
});

test("earlier lines that were asked for stay when newer ones come", () => {
  const held = prependLines({ lines: lines(100, MAX_LINES + 100), hasEarlier: true }, lines(0, 100), false);
  expect(held.lines).toHaveLength(MAX_LINES + 100);
  expect(appendLines(held, lines(MAX_LINES + 100, MAX_LINES + 101)).lines[0]?.id).toBe("1");
});

function ids(held: readonly LogLineView[]): string[] {
  return held.map(({ id }) => id);
}

function lines(from: number, to: number): LogLineView[] {
  return Array.from({ length: to - from }, (_, position) => ({
    id: String(from + position),
    atMs: from + position,
    stream: "stdout" as const,
    functionName: "f",
    containerId: "c",
    callId: null,
    index: null,
    text: "line",
  }));
}
