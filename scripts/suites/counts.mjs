/** How many tests of a suite passed, failed and were skipped, read from the report of its runner. */

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} skipped their full names
 */

/**
 * A file that does not load has no tests to count; it counts as one that failed.
 * @param {any} report of Vitest's `json` reporter
 * @returns {Counts}
 */
export function countVitest(report) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: [] };
  for (const file of report.testResults) {
    const before = counts.failed;
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") counts.failed += 1;
      else counts.skipped.push(test.fullName);
    }
    if (file.status === "failed" && counts.failed === before) counts.failed += 1;
  }
  return counts;
}

/**
 * A flaky test is one that failed.
 * @param {any} report of Playwright's `json` reporter
 * @returns {Counts}
 */
export function countPlaywright(report) {
  const { expected, unexpected, flaky } = report.stats;
  return {
    passed: expected,
    failed: unexpected + flaky + (report.errors?.length ?? 0),
    skipped: report.suites.flatMap(skippedSpecs),
  };
}

/** @param {any} suite @returns {string[]} */
function skippedSpecs(suite) {
  const own = (suite.specs ?? []).filter((/** @type {any} */ spec) =>
    spec.tests.every((/** @type {any} */ test) => test.status === "skipped"),
  );
  return [...own.map((/** @type {any} */ spec) => spec.title), ...(suite.suites ?? []).flatMap(skippedSpecs)];
}
