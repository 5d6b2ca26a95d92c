/** The memory of one container of the process driver, as the kernel shares it out among those that have a page in common. */
import { readdirSync, readFileSync } from "node:fs";

const KIB_IN_MIB = 1_024;

/** In MiB, of its agent and its worker together. Undefined where there is no /proc to ask. */
export function containerMemoryMiB(containerId: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const own = pids.filter((pid) => textOf(pid, "environ").includes(`BELLOWS_CONTAINER_ID=${containerId}\0`));
  const sizes = own.map((pid) => Number(/^Pss:\s+(\d+) kB$/m.exec(textOf(pid, "smaps_rollup"))?.[1] ?? 0));
  return sizes.reduce((sum, kib) => sum + kib, 0) / KIB_IN_MIB;
}

/** Empty for a process that has ended, and for those of others. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
