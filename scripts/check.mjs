/** `npm run check`: everything that can be said of the code without building or starting it. Under a minute. */
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./setup/ensure-installed.mjs";
import { stopSignal } from "./setup/stop-signal.mjs";
import { runChecks } from "./suites/run-checks.mjs";
import { summarise } from "./suites/summary.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const signal = stopSignal();
await ensureInstalled(ROOT, signal);
const results = await runChecks(ROOT, { env: {}, signal });
const { text, ok } = summarise(results, { strict: process.env.CI === "true" });
console.log(`\n${text}`);
process.exitCode = ok ? 0 : 1;
