import { expect, test } from "vitest";
import { fittingQueries } from "./call-actions.ts";

test("a bulk action asks only for calls it fits", () => {
  expect(fittingQueries("cancel", { appId: "a" })).toEqual([{ appId: "a", state: "running" }]);
  expect(fittingQueries("retry", { search: "ocr" })).toEqual([
    { search: "ocr", state: "failed" },
    { search: "ocr", state: "cancelled" },
  ]);
  expect(fittingQueries("retry", { state: "cancelled" })).toEqual([{ state: "cancelled" }]);
});

test("what the filter excludes is not brought in again", () => {
  expect(fittingQueries("cancel", { state: "succeeded" })).toEqual([]);
  expect(fittingQueries("retry", { state: "running" })).toEqual([]);
  expect(fittingQueries("retry", { kind: "map" })).toEqual([]);
  expect(fittingQueries("retry", { kind: "spawnMap", state: "failed" })).toEqual([
    { kind: "spawnMap", state: "failed" },
  ]);
});
