/** `npm run bench [-- NAME] [--json FILE]`: builds, then measures. The arguments are the benchmark's own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { buildWhatChanged } from "./setup/build.mjs";
import { ensureInstalled } from "./setup/ensure-installed.mjs";
import { stopSignal } from "./setup/stop-signal.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const signal = stopSignal();
await ensureInstalled(ROOT, signal, () =>
  buildWhatChanged(ROOT, { also: ["e2e", "bench"], signal, onBuild: () => console.log("building what changed") }),
);
const args = ["bench/dist/main.js", ...process.argv.slice(2)];
// In a process group of its own: a Ctrl-C reaches the benchmark once, and it ends what it started in order.
const bench = spawn(process.execPath, args, { cwd: ROOT, stdio: "inherit", detached: true });
signal.addEventListener("abort", () => bench.kill("SIGINT"), { once: true });
const [status] = await once(bench, "exit");
process.exitCode = status ?? 1;
