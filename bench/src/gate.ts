/** Holds the one container of a function, so that what is stored meanwhile waits. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { APP, type Bed } from "./bed.ts";

const POLL_MS = 5;

/** Resolves when the container is held; what it returns lets go. */
export async function holdContainer(bed: Bed): Promise<() => Promise<void>> {
  const gateFile = join(bed.folder, "gate");
  await writeFile(gateFile, "");
  const held = bed.handle("noop").remote(gateFile);
  // A bed that is taken away with the gate shut cancels it.
  held.catch(() => {});
  while (!(await isRunning(bed))) await delay(POLL_MS);
  return async () => {
    await rm(gateFile);
    await held;
  };
}

async function isRunning(bed: Bed): Promise<boolean> {
  const { stats } = await bed.api.request((api) => api.functions.get.query({ app: APP, name: "noop" }));
  return stats.running === 1;
}
