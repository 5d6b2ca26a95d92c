import { expect, test } from "vitest";
import {
  formatAge,
  formatBytes,
  formatClock,
  formatCount,
  formatDurationMs,
  formatExact,
  formatPercent,
  formatRelative,
  plural,
  shortId,
} from "./format.ts";

test.each([
  [null, "–"],
  [Number.NaN, "–"],
  [-5, "0 ms"],
  [0, "0 ms"],
  [0.4, "0.4 ms"],
  [87, "87 ms"],
  [999.4, "999 ms"],
  [999.5, "1.00 s"],
  [1_240, "1.24 s"],
  [9_994, "9.99 s"],
  [9_995, "10.0 s"],
  [59_949, "59.9 s"],
  [59_950, "1 m 00 s"],
  [185_000, "3 m 05 s"],
  [3_599_400, "59 m 59 s"],
  [3_599_600, "1 h 00 m"],
  [7_800_000, "2 h 10 m"],
  [86_399_000, "1 d 0 h"],
  [356_400_000, "4 d 3 h"],
])("a duration of %s ms is read as %s, without a unit ever overflowing", (ms, text) => {
  expect(formatDurationMs(ms)).toBe(text);
});

test.each([
  [-3_000, "0 s"],
  [1_999, "1 s"],
  [59_999, "59 s"],
  [60_000, "1 m 00 s"],
])("an age of %s ms counts in whole seconds: %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test.each([
  [0, "just now"],
  [-3_000, "just now"],
  [12_000, "12 s ago"],
  [59_600, "1 min ago"],
  [180_000, "3 min ago"],
  [7_200_000, "2 h ago"],
  [86_400_000, "1 d ago"],
  [-7_200_000, "in 2 h"],
])("%s ms before now is %s", (past, text) => {
  expect(formatRelative(1_000_000_000 - past, 1_000_000_000)).toBe(text);
});

test("the exact time has milliseconds and the zone it is in", () => {
  const atMs = Date.UTC(2026, 10, 23, 14, 3, 7, 51);
  expect(formatExact(atMs, "UTC")).toBe("23 Nov 2026, 14:03:07.051 UTC");
  expect(formatClock(atMs, "UTC")).toBe("14:03:07.051");
});

test.each([
  [null, "–"],
  [0, "0 B"],
  [512, "512 B"],
  [1_536, "1.5 KiB"],
  [1_048_575, "1.0 MiB"],
  [25_165_824, "24.0 MiB"],
  [229_638_144, "219 MiB"],
])("%s bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("numbers are separated by thousands and agree with their noun", () => {
  expect(formatCount(1_000_000)).toBe("1,000,000");
  expect(plural(1, "input")).toBe("1 input");
  expect(plural(2_000, "input")).toBe("2,000 inputs");
  expect(formatPercent(0.72)).toBe("0.7 %");
  expect(formatPercent(146.2)).toBe("146 %");
});

test("ids of the same millisecond look different when they are short", () => {
  expect(shortId("01a209dd-67eb-7428-b398-b889ede35e4d")).toBe("ede35e4d");
  expect(shortId("01a209dd-67eb-7428-b398-b889ede35e4e")).not.toBe("ede35e4d");
});
