import { ENVIRONMENT_LIMITS } from "@bellows/protocol/limits";
import { expect, test } from "vitest";
import { LIMIT_NAMES, limitProblem } from "./limit-texts.ts";

test("both bounds of every limit are allowed, and what is past them is named", () => {
  for (const name of LIMIT_NAMES) {
    const { min, max } = ENVIRONMENT_LIMITS[name];
    expect(limitProblem(name, String(min))).toBeUndefined();
    expect(limitProblem(name, String(max))).toBeUndefined();
    expect(limitProblem(name, String(min - 1))).toMatch(/^At least/);
    expect(limitProblem(name, String(max + 1))).toMatch(/^At most/);
  }
});

test.each(["", "many", "1.5", "1e3"])("%j is no number of things", (text) => {
  expect(limitProblem("containers", text)).toBe("Give a whole number.");
});
