import { expect, test } from "vitest";
import { ago, jsonText, table } from "./output.ts";

test("columns are as wide as their widest cell, numbers to the right", () => {
  const rows = [
    { name: "pages", count: 7 },
    { name: "a", count: 1200 },
  ];
  const text = table(rows, [
    { title: "app", text: ({ name }) => name },
    { title: "inputs", text: ({ count }) => count, align: "right" },
  ]);
  expect(text.split("\n").slice(1)).toEqual(["pages       7", "a        1200"]);
});

test("values that JSON lacks are written all the same", () => {
  const value = { n: 10n, bytes: new Uint8Array([1, 2]), map: new Map([["a", new Set([1])]]), at: new Date(0) };
  expect(jsonText(value)).toBe('{"n":"10","bytes":"AQI=","map":[["a",[1]]],"at":"1970-01-01T00:00:00.000Z"}');
  expect(jsonText(undefined)).toBe("null");
  expect(jsonText(Buffer.from([1, 2]))).toBe('"AQI="');
});

test("times are told in the largest unit that fits", () => {
  const agoOf = (ms: number) => ago(0, ms);
  expect([5_000, 90_000, 3_600_000, 3 * 86_400_000].map(agoOf)).toEqual(["5 s ago", "2 min ago", "1 h ago", "3 d ago"]);
});
