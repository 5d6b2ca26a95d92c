import { expect, test } from "vitest";
import { batchFill } from "./batch-fill.ts";

test("few sizes have a bar each, with the share of full batches and the mean size", () => {
  const fill = batchFill(
    [
      [1, 2],
      [4, 6],
    ],
    4,
  );
  expect(fill.bars).toEqual([
    { fromSize: 1, toSize: 1, batches: 2 },
    { fromSize: 2, toSize: 2, batches: 0 },
    { fromSize: 3, toSize: 3, batches: 0 },
    { fromSize: 4, toSize: 4, batches: 6 },
  ]);
  expect(fill).toMatchObject({ batches: 8, fullShare: 0.75, meanSize: 3.25 });
});

test("many sizes share bars, and every batch is in one", () => {
  const fill = batchFill(
    [
      [1, 1],
      [33, 1],
      [1_000, 5],
      [2_000, 1],
    ],
    1_000,
  );
  expect(fill.bars).toHaveLength(32);
  expect(fill.bars.at(-1)).toEqual({ fromSize: 993, toSize: 1_000, batches: 6 });
  expect(fill.bars.reduce((sum, { batches }) => sum + batches, 0)).toBe(8);
});

test("no batches are no share", () => {
  expect(batchFill([], 8)).toMatchObject({ batches: 0, fullShare: 0, meanSize: 0 });
});
