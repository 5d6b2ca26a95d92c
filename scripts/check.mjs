/** `npm run check`: everything that can be said of the code without building or starting it. Under a minute. */
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./setup/ensure-installed.mjs";
import { stopSignal } from "./setup/stop-signal.mjs";
import { runSuite } from "./suites/run-suite.mjs";
import { CHECK_SUITES } from "./suites/suites.mjs";
import { summarise } from "./suites/summary.mjs";
import { twoAtATime } from "./suites/two-at-a-time.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const signal = stopSignal();
await ensureInstalled(ROOT, signal);
const results = await twoAtATime(CHECK_SUITES, (suite) => runSuite(ROOT, suite, { show: false, env: {}, signal }));
const { text, ok } = summarise(results, { strict: process.env.CI === "true" });
console.log(text);
process.exitCode = ok ? 0 : 1;
