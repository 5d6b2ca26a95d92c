/**
 * `npm test`: everything, from a fresh clone on. What this host cannot run is left out with a line that says so, and
 * has failed where CI=true, but for what needs a real GPU. The last line holds the totals.
 */
import { fileURLToPath } from "node:url";
import { buildWhatChanged } from "./setup/build.mjs";
import { ensureInstalled } from "./setup/ensure-installed.mjs";
import { stopSignal } from "./setup/stop-signal.mjs";
import { findBrowser } from "./suites/browser.mjs";
import { dockerAnswers } from "./suites/docker.mjs";
import { lookForGpu } from "./suites/gpu.mjs";
import { missingFor } from "./suites/missing.mjs";
import { runChecks } from "./suites/run-checks.mjs";
import { runSuite } from "./suites/run-suite.mjs";
import { TEST_SUITES } from "./suites/suites.mjs";
import { summarise } from "./suites/summary.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const signal = stopSignal();
await ensureInstalled(ROOT, signal, () =>
  buildWhatChanged(ROOT, { also: ["apps/web", "e2e"], signal, onBuild: () => console.log("building what changed") }),
);
const host = {
  docker: await dockerAnswers(),
  gpu: await lookForGpu(),
  browser: await findBrowser(ROOT, (line) => console.log(line)),
};
const env = { ...withoutSettings(), BELLOWS_BROWSER: host.browser };
const results = await runChecks(ROOT, { env, signal });
for (const suite of TEST_SUITES) {
  if (signal.aborted) break;
  console.log(`\n=== ${suite.name} ===`);
  const leftOut = missingFor(suite, host);
  results.push(await runSuite(ROOT, suite, { show: true, env, signal, leftOut }));
}
const { text, ok } = summarise(results, { strict: process.env.CI === "true" });
console.log(`\n${text}`);
process.exitCode = ok && !signal.aborted ? 0 : 1;

/** The settings of whoever runs the tests must not reach what they start; those of the tests are meant for them. */
function withoutSettings() {
  const settings = Object.keys(process.env).filter((name) => name.startsWith("BELLOWS_"));
  const others = settings.filter((name) => !/^BELLOWS_(TEST|SIMULATION|CHAOS)/.test(name));
  return Object.fromEntries(others.map((name) => [name, undefined]));
}
