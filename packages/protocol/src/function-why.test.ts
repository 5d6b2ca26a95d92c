import { expect, test } from "vitest";
import { whyOf } from "./function-why.ts";

test("what keeps a function from going on is said before what its autoscaler wants", () => {
  const reason = "wanted 1: 1 in flight / target 1";
  const degraded = { code: "STARTUP", message: "3 starts of a container failed in a row" } as const;
  expect(whyOf({ degraded: null, deadlock: null, reason })).toBe(reason);
  expect(whyOf({ degraded: null, deadlock: "all wait", reason })).toBe("all wait");
  expect(whyOf({ degraded, deadlock: "all wait", reason })).toBe(degraded.message);
});
