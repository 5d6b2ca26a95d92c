import { expect, test } from "vitest";
import { outcomeText } from "./bulk-bar.tsx";

const DONE = { matched: 5, changed: 5, error: null, stopped: false };

test("what was done to many calls says how many were left, and that it ended early", () => {
  expect(outcomeText("cancel", DONE)).toBe("5 calls were asked to end.");
  expect(outcomeText("retry", { ...DONE, changed: 3 })).toBe("3 calls run again. 2 others stayed as they were.");
  expect(outcomeText("retry", { ...DONE, changed: 3, stopped: true })).toBe(
    "3 calls run again. It ended there, before all that match were asked.",
  );
});
