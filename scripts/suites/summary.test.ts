import { expect, test } from "vitest";
import { summarise } from "./summary.mjs";

const unit = { name: "unit", passed: 120, failed: 0, skipped: [], ms: 1234, leftOut: undefined };
const process = {
  name: "process",
  passed: 7,
  failed: 1,
  skipped: ["adopts containers"],
  ms: 65_000,
  leftOut: undefined,
};
const e2e = {
  name: "e2e",
  passed: 0,
  failed: 0,
  skipped: [],
  ms: 0,
  leftOut: { reason: "no browser", forgiven: false },
};
const gpu = { ...e2e, name: "gpu", leftOut: { reason: "no GPU", forgiven: true } };

test("the last line holds the totals and nothing else", () => {
  expect(summarise([unit], { strict: false })).toEqual({
    ok: true,
    text: [
      "suite  passed  failed  skipped   time",
      "unit      120       0        0  1.2 s",
      "",
      "120 passed, 0 failed",
    ].join("\n"),
  });
});

test("what did not run is named with its reason", () => {
  const { text, ok } = summarise([unit, process, e2e], { strict: false });
  expect(ok).toBe(false);
  expect(text).toContain("  e2e: no browser\n");
  expect(text).toContain("  process: adopts containers\n");
  expect(text.split("\n").at(-1)).toBe("127 passed, 1 failed, 2 skipped");
});

test("what did not run has failed where everything has to run", () => {
  const { text, ok } = summarise([unit, e2e], { strict: true });
  expect(ok).toBe(false);
  expect(text.split("\n").at(-1)).toBe("120 passed, 1 failed");
});

test("what no host has to have is named where it is missing, and has not failed even where everything has to run", () => {
  const here = summarise([unit, gpu], { strict: false });
  expect(summarise([unit, gpu], { strict: true })).toEqual(here);
  expect(here.ok).toBe(true);
  expect(here.text).toContain("\nLeft out:\n  gpu: no GPU\n");
  expect(here.text.split("\n").at(-1)).toBe("120 passed, 0 failed");
});
