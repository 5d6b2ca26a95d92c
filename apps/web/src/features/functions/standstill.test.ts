import { expect, test } from "vitest";
import { standstillOf } from "./standstill.ts";

test("a function that moves has nothing to say; one that does not says why, what to do, and where to look", () => {
  const degraded = { code: "STARTUP", message: "3 starts failed in a row" } as const;
  expect(standstillOf({ reason: "wanted 1", degraded: null, deadlock: null })).toBeNull();
  expect(standstillOf({ reason: "wanted 1", degraded, deadlock: null })).toMatchObject({
    sentence: degraded.message,
    tone: "bad",
  });
  expect(standstillOf({ reason: "wanted 1", degraded: null, deadlock: "all wait" })).toMatchObject({
    sentence: "all wait",
    tone: "wait",
  });
  // Without containers there is nothing to be deadlocked.
  expect(standstillOf({ reason: "wanted 1", degraded, deadlock: "all wait" })?.sentence).toBe(degraded.message);
});
