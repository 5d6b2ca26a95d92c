import { expect, test } from "vitest";
import { countPlaywright, countVitest } from "./counts.mjs";

test("counts Vitest's tests, and a file that does not load as one that failed", () => {
  const report = {
    testResults: [
      {
        status: "failed",
        assertionResults: [
          { status: "passed", fullName: "a" },
          { status: "failed", fullName: "b" },
          { status: "skipped", fullName: "c" },
        ],
      },
      { status: "failed", assertionResults: [] },
      { status: "passed", assertionResults: [{ status: "passed", fullName: "d" }] },
    ],
  };
  expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: ["c"] });
});

test("counts Playwright's tests, a flaky one as failed", () => {
  const report = {
    stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 1 },
    errors: [],
    suites: [
      {
        specs: [{ title: "a", tests: [{ status: "expected" }] }],
        suites: [{ specs: [{ title: "b", tests: [{ status: "skipped" }] }] }],
      },
    ],
  };
  expect(countPlaywright(report)).toEqual({ passed: 3, failed: 2, skipped: ["b"] });
});
