/** Agent and worker built from the present sources into a folder of a test's own, so that no test runs stale code. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BUILD_SCRIPT = fileURLToPath(new URL("../../build.mjs", import.meta.url));

export function buildRunner(folder: string): { agentPath: string } {
  execFileSync(process.execPath, [BUILD_SCRIPT, folder], { stdio: "pipe" });
  return { agentPath: join(folder, "agent.mjs") };
}
