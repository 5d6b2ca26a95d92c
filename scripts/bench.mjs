/** `npm run bench [-- NAME] [--json FILE]`: builds, then measures. The arguments are the benchmark's own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildWhatChanged } from "./setup/build.mjs";
import { ensureInstalled } from "./setup/ensure-installed.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

await ensureInstalled(ROOT, (signal) =>
  buildWhatChanged(ROOT, { also: ["e2e", "bench"], signal, onBuild: () => console.log("building what changed") }),
);
const args = ["bench/dist/main.js", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
process.exitCode = status ?? 1;
