/** Runs one suite and counts. A runner that ends badly without a failed test (it crashed, it could not start) has failed all the same. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../setup/command.mjs";
import { countPlaywright, countVitest } from "./counts.mjs";

/**
 * @param {string} root
 * @param {import("./suites.mjs").Suite} suite
 * @param {object} options
 * @param {boolean} options.show pass the output through as it comes, instead of printing it when the suite has failed
 * @param {Record<string, string | undefined>} options.env
 * @param {AbortSignal} options.signal
 * @param {import("./summary.mjs").LeftOut | undefined} [options.leftOut] why it cannot run on this host
 * @returns {Promise<import("./summary.mjs").SuiteResult>}
 */
export async function runSuite(root, suite, { show, env, signal, leftOut }) {
  const { name } = suite;
  if (leftOut !== undefined) return { name, passed: 0, failed: 0, skipped: [], ms: 0, leftOut };
  const folder = mkdtempSync(join(tmpdir(), "bellows-report-"));
  try {
    const report = join(folder, "report.json");
    const args = [...suite.command, ...reporterArgs(suite, report)];
    const reportEnv = suite.report === "playwright" ? { PLAYWRIGHT_JSON_OUTPUT_FILE: report } : {};
    const cwd = join(root, suite.cwd ?? ".");
    const { ok, output, ms } = await runCommand(process.execPath, args, {
      cwd,
      show,
      signal,
      timeoutMs: suite.timeoutMs,
      env: { ...env, ...reportEnv },
    });
    const counts = countsOf(suite, report, ok);
    if (!ok && counts.failed === 0) counts.failed = 1;
    if (!show && counts.failed > 0) console.log(`--- ${name} ---\n${output.trim()}\n`);
    return { name, ...counts, ms, leftOut: undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {import("./suites.mjs").Suite} suite @param {string} report */
function reporterArgs(suite, report) {
  if (suite.report === "vitest") return ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return suite.report === "playwright" ? ["--reporter=list,json"] : [];
}

/** @param {import("./suites.mjs").Suite} suite @param {string} reportFile @param {boolean} ok @returns {import("./counts.mjs").Counts} */
function countsOf(suite, reportFile, ok) {
  if (!suite.report) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] };
  /** @type {unknown} */
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
  return suite.report === "vitest" ? countVitest(report) : countPlaywright(report);
}
