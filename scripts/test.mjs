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
import { gpuAnswers } from "./suites/gpu.mjs";
import { runSuite } from "./suites/run-suite.mjs";
import { CHECK_SUITES, TEST_SUITES } from "./suites/suites.mjs";
import { summarise } from "./suites/summary.mjs";
import { twoAtATime } from "./suites/two-at-a-time.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const NO_DOCKER =
  "no Docker engine answers this user: install and start one, add the user to the group docker, or name one with DOCKER_HOST";
const NO_BROWSER = "no browser: install Chromium or Chrome, or name one with BELLOWS_BROWSER";
const NO_GPU = "no real GPU: the NVIDIA driver of this host lists none";

const signal = stopSignal();
await ensureInstalled(ROOT, signal, () =>
  buildWhatChanged(ROOT, { also: ["apps/web", "e2e"], signal, onBuild: () => console.log("building what changed") }),
);
const hasDocker = await dockerAnswers();
const hasGpu = await gpuAnswers();
const browser = await findBrowser(ROOT, (line) => console.log(line));
const env = { ...withoutSettings(), BELLOWS_BROWSER: browser };
console.log(`\n=== ${CHECK_SUITES.map(({ name }) => name).join("; ")} ===`);
const results = await twoAtATime(CHECK_SUITES, (suite) => runSuite(ROOT, suite, { show: false, env, signal }));
for (const suite of TEST_SUITES) {
  if (signal.aborted) break;
  console.log(`\n=== ${suite.name} ===`);
  const leftOut = missingFor(suite);
  results.push(await runSuite(ROOT, suite, { show: true, env, signal, leftOut }));
}
const { text, ok } = summarise(results, { strict: process.env.CI === "true" });
console.log(`\n${text}`);
process.exitCode = ok && !signal.aborted ? 0 : 1;

/** @param {import("./suites/suites.mjs").Suite} suite @returns {import("./suites/summary.mjs").LeftOut | undefined} */
function missingFor({ needsBrowser, needsDocker, needsGpu }) {
  if (needsBrowser && browser === undefined) return { reason: NO_BROWSER, forgiven: false };
  if (needsDocker && !hasDocker) return { reason: NO_DOCKER, forgiven: false };
  return needsGpu && !hasGpu ? { reason: NO_GPU, forgiven: true } : undefined;
}

/** The settings of whoever runs the tests must not reach what they start; a database for tests is meant for them. */
function withoutSettings() {
  const settings = Object.keys(process.env).filter((name) => name.startsWith("BELLOWS_"));
  const kept = settings.filter((name) => name !== "BELLOWS_TEST_DATABASE_URL");
  return Object.fromEntries(kept.map((name) => [name, undefined]));
}
