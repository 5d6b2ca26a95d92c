import { expect, test } from "vitest";
import { pauseMs } from "./keep-running.mjs";

test("a service that keeps dying is started less and less often, but always again", () => {
  expect([1, 2, 3, 6, 7, 100].map(pauseMs)).toEqual([200, 400, 800, 6400, 10_000, 10_000]);
});
