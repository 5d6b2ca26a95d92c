/**
 * What an orchestrator that was killed in the middle of a start or an end may have left in the state folder without a
 * record that speaks of it: a record cut short, a temporary file, a folder, a log. Removing it may be cut short too.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readRecords } from "./container-records.ts";

/** Every file and folder here is named after its container. */
const FOLDERS = ["work", "containers", join("logs", "containers")];
const NAMED = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\.json|\.exit|\.log|$)/;

/** `isKnown` says which containers are being started, or run. */
export async function removeLeftovers(stateDir: string, isKnown: (containerId: string) => boolean): Promise<void> {
  const recorded = new Set((await readRecords(stateDir)).map(({ containerId }) => containerId));
  for (const folder of FOLDERS) {
    const names = await readdir(join(stateDir, folder)).catch(() => []);
    for (const name of names) {
      const [, containerId, kind] = NAMED.exec(name) ?? [];
      if (!containerId || isKnown(containerId)) continue;
      const isTemporary = kind === ".json" && !name.endsWith(".json");
      if (recorded.has(containerId) && !isTemporary) continue;
      await rm(join(stateDir, folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    }
  }
}
