/**
 * `npm run check`: everything that can be said of the code without building or starting it. About a minute on two cores, as
 * the simulations run a tenth of the worlds that they run in `npm test`.
 */
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./setup/ensure-installed.mjs";
import { stopSignal } from "./setup/stop-signal.mjs";
import { runChecks } from "./suites/run-checks.mjs";
import { summarise } from "./suites/summary.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const signal = stopSignal();
await ensureInstalled(ROOT, signal);
const { BELLOWS_SIMULATIONS = "200" } = process.env;
const results = await runChecks(ROOT, { env: { BELLOWS_SIMULATIONS }, signal });
const { text, ok } = summarise(results, { strict: process.env.CI === "true" });
console.log(`\n${text}`);
process.exitCode = ok ? 0 : 1;
