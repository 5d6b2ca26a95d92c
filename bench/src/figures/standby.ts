/** The first `remote()` of a function while a container is kept ready that has no function yet. */
import { setTimeout as delay } from "node:timers/promises";
import type { Bed } from "../bed.ts";
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
  for (const name of COLD) {
    await standbyIsReady(bed);
    const calledAt = performance.now();
    await bed.handle(name).remote("world");
    waits.push(performance.now() - calledAt);
    const { createMs, bootMs } = await timingsOf(bed, name);
    if (createMs + bootMs > 0) throw new Error(`${name} started a container of its own although one was ready`);
  }
  return [
    bounded({ name: `standby start median, ${driver.name}`, value: median(waits), unit: "ms" }, 30),
    { name: `standby start slowest, ${driver.name}`, value: percentile(waits, 1), unit: "ms" },
  ];
}

async function standbyIsReady({ api }: Bed): Promise<void> {
  for (;;) {
    const kept = await api.request((client) => client.containers.standby.query());
    if (kept.some(({ ready }) => ready)) return delay(QUIET_MS);
    await delay(POLL_MS);
  }
}
