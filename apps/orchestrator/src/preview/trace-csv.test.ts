import { InvalidError } from "@bellows/protocol/errors";
import { expect, test } from "vitest";
import { parseTrace } from "./trace-csv.ts";

const MOST = 1_000;

test("lines of milliseconds need no header, and may come in any order from any start", () => {
  expect(parseTrace("1500\n1000\n\n1250.5\r\n", MOST)).toEqual({
    atMs: Float64Array.of(0, 250.5, 500),
    serviceMs: null,
  });
  expect(parseTrace("ms,service_ms\n0,20\n10,30", MOST)).toEqual({
    atMs: Float64Array.of(0, 10),
    serviceMs: Float64Array.of(20, 30),
  });
});

test("seconds are named by their header, and may say how long an input runs", () => {
  expect(parseTrace("arrived_at_seconds\n0.5\n2\n", MOST).atMs).toEqual(Float64Array.of(0, 1_500));
  expect(parseTrace("arrived_at_seconds,service_ms\n1,250\n0,100", MOST).serviceMs).toEqual(Float64Array.of(100, 250));
});

test("the Azure form tells run times by its tokens", () => {
  const csv = [
    "TIMESTAMP,ContextTokens,GeneratedTokens",
    "2023-11-16 18:17:03.9799600,4808,10",
    "2023-11-16 18:17:04.0319600,3180,8",
  ].join("\n");
  const { atMs, serviceMs } = parseTrace(csv, MOST);
  expect(atMs[1]).toBeCloseTo(52, 0);
  expect(serviceMs).toEqual(Float64Array.of(20 + 240.4 + 200, 20 + 159 + 160));
});

test.each([
  ["0\nsoon\n2", 'line 2: "soon" has no time in its first column (ms)'],
  ["when,how\n1,2", 'line 1: "when,how" is neither a number nor a known header; known are ms[,service_ms]'],
  ["ms,service_ms\n0,10\n1,fast", 'line 3: "1,fast" does not say how long the input runs'],
  ["ms,service_ms\n0,10\n1,-5", 'line 3: "1,-5" does not say how long the input runs'],
  ["ms,service_ms\n0,10\n1", "1 of 2 lines have it"],
  ["TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,2", 'line 2: "yesterday,1,2" has no time'],
  ["TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,1", "line 2"],
  ["1\n2\n3\n4", "more than 3 inputs"],
])("%j is refused, and the line is named", (csv, text) => {
  const parse = () => parseTrace(csv, 3);
  expect(parse).toThrow(InvalidError);
  expect(parse).toThrow(text);
});
