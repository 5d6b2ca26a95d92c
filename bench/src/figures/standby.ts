/** The first `remote()` of a function while a container is kept ready that has no function yet. */
import { setTimeout as delay } from "node:timers/promises";
import type { Bed } from "../bed.ts";
import { containerMemoryMiB } from "../container-memory.ts";
import { bounded, type Line, median, percentile } from "../figure.ts";
import { COLD, timingsOf } from "./cold-start.ts";

const POLL_MS = 50;
/** Between its booting and its being asked for, as long as nothing else goes on. */
const QUIET_MS = 500;

export async function standbyFigures(bed: Bed): Promise<Line[]> {
  const { driver } = await bed.api.request((api) => api.system.info.query());
  // Connects the client, and fetches the code to this host.
  await bed.handle("noop").remote(0);
  const waits: number[] = [];
  const sizesMiB: number[] = [];
  for (const name of COLD) {
    const containerId = await readyStandby(bed);
    const sizeMiB = driver.name === "process" ? containerMemoryMiB(containerId) : undefined;
    if (sizeMiB !== undefined) sizesMiB.push(sizeMiB);
    const calledAt = performance.now();
    await bed.handle(name).remote("world");
    waits.push(performance.now() - calledAt);
    const { createMs, bootMs } = await timingsOf(bed, name);
    if (createMs + bootMs > 0) throw new Error(`${name} started a container of its own although one was ready`);
  }
  return [
    bounded({ name: `standby start median, ${driver.name}`, value: median(waits), unit: "ms" }, 30),
    { name: `standby start slowest, ${driver.name}`, value: percentile(waits, 1), unit: "ms" },
    // The engine's own count is a figure of the cold starts.
    ...(sizesMiB.length > 0
      ? [{ name: `memory of an idle container, ${driver.name}`, value: median(sizesMiB), unit: "MiB" }]
      : []),
  ];
}

/** The id of one that waits for its function and has had a moment to come to rest. */
async function readyStandby({ api }: Bed): Promise<string> {
  for (;;) {
    const kept = await api.request((client) => client.containers.standby.query());
    const ready = kept.find((container) => container.ready);
    if (ready) return delay(QUIET_MS, ready.containerId);
    await delay(POLL_MS);
  }
}
