/**
 * What the kernel has done about memory in this container: how many processes it has killed there, and whom it is to
 * kill first. Only a container with a cgroup of its own can tell; elsewhere the numbers would be those of strangers.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** Of cgroup v2 and v1; each has a line `oom_kill N`. */
const COUNTERS = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];
/** From -1000 to 1000, added to a process's share of the memory in thousandths. man 5 proc: oom_score_adj. */
const KILLED_FIRST = "500";

/** How many processes were killed so far; null when it is not told here. */
export function kernelKills(): number | null {
  for (const path of COUNTERS) {
    const count = /^oom_kill (\d+)$/m.exec(contentOf(path))?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

/** The worker and what it starts go before the agent, who has to say what became of them. */
export function letKernelKillFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, KILLED_FIRST);
  } catch {
    // Not Linux, or it is likelier to be killed already, or gone.
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
