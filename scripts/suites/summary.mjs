/** The end of `npm test` and `npm run check`: a row per suite, what was left out and why, and the totals alone on the last line. */

/**
 * @typedef {object} SuiteResult
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} skipped names of tests that were there and did not run
 * @property {number} ms
 * @property {LeftOut | undefined} leftOut why the whole suite could not run on this host
 */

/**
 * @typedef {object} LeftOut
 * @property {string} reason
 * @property {boolean} forgiven no host has to have what it needs: it is named, and counted nowhere
 */

/**
 * Where everything has to run (`strict`, that is CI=true), what was left out has failed, unless that is forgiven.
 * @param {SuiteResult[]} results
 * @param {{ strict: boolean }} options
 */
export function summarise(results, { strict }) {
  const forgiven = results.filter(({ leftOut }) => leftOut?.forgiven).flatMap(leftOutLines);
  const notRun = results.filter(({ leftOut }) => !leftOut?.forgiven).flatMap(leftOutLines);
  const passed = sum(results.map((result) => result.passed));
  const failed = sum(results.map((result) => result.failed)) + (strict ? notRun.length : 0);
  const skipped = strict ? 0 : notRun.length;
  const lines = [
    ...table(results),
    ...section("Left out, which counts as failed because CI=true:", strict ? notRun : []),
    ...section("Left out:", strict ? forgiven : [...notRun, ...forgiven]),
    "",
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  ];
  return { text: lines.join("\n"), ok: failed === 0 };
}

/** @param {string} title @param {string[]} lines */
function section(title, lines) {
  return lines.length > 0 ? ["", title, ...lines] : [];
}

/** @param {SuiteResult} result */
function leftOutLines({ name, leftOut, skipped }) {
  if (leftOut !== undefined) return [`  ${name}: ${leftOut.reason}`];
  return skipped.map((test) => `  ${name}: ${test}`);
}

/** @param {SuiteResult[]} results */
function table(results) {
  const rows = [
    ["suite", "passed", "failed", "skipped", "time"],
    ...results.map(({ name, passed, failed, skipped, ms, leftOut }) =>
      leftOut === undefined
        ? [name, String(passed), String(failed), String(skipped.length), `${(ms / 1000).toFixed(1)} s`]
        : [name, "-", "-", "-", "left out"],
    ),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
