/** Runs CHECK_SUITES beside one another, with a line when each has ended: the longest takes minutes on a slow machine. */
import { runSuite } from "./run-suite.mjs";
import { CHECK_SUITES } from "./suites.mjs";
import { twoAtATime } from "./two-at-a-time.mjs";

/**
 * @param {string} root
 * @param {{ env: Record<string, string | undefined>, signal: AbortSignal }} options
 * @returns {Promise<import("./summary.mjs").SuiteResult[]>}
 */
export async function runChecks(root, { env, signal }) {
  console.log(`\n=== ${CHECK_SUITES.map(({ name }) => name).join("; ")} ===`);
  return twoAtATime(CHECK_SUITES, async (suite) => {
    const result = await runSuite(root, suite, { show: false, env, signal });
    console.log(`${suite.name}: ${result.failed > 0 ? "failed" : "passed"}, ${(result.ms / 1_000).toFixed(1)} s`);
    return result;
  });
}
