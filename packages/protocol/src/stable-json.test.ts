import { expect, it } from "vitest";
import { stableJson } from "./stable-json.ts";

it("is the same text for the same data, whatever the order of its keys", () => {
  const one = { b: [{ y: 1, x: "é" }, null], a: { d: undefined, c: 2 } };
  const other = { a: { c: 2 }, b: [{ x: "é", y: 1 }, null] };
  expect(stableJson(one)).toBe(stableJson(other));
  expect(stableJson(one)).toBe('{"a":{"c":2},"b":[{"x":"é","y":1},null]}');
});

it("keeps the order of lists, which means something", () => {
  expect(stableJson([2, 1])).not.toBe(stableJson([1, 2]));
});
