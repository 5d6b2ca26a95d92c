/** Which driver runs the containers here, and why this one, in words that the console shows. */
import { join } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import { AGENT_PATH } from "@bellows/runner/paths";
import type { ContainerDriver } from "./driver.ts";
import { createProcessDriver } from "./process-driver.ts";

const REASONS = new Map([
  ["process", "BELLOWS_DRIVER asks for it; containers are processes of this host and not isolated from it"],
  ["auto", "this version runs containers as processes of this host, not isolated from it; it has no Docker driver"],
]);

/** @throws InvalidError for a driver that this version does not have. */
export async function selectDriver(
  wanted: string,
  options: { stateDir: string; hostEnvironment?: Record<string, string | undefined> },
): Promise<{ driver: ContainerDriver; reason: string }> {
  const reason = REASONS.get(wanted);
  if (!reason) {
    throw new InvalidError(
      `BELLOWS_DRIVER is "${wanted}", but this version has no such driver; choose ${[...REASONS.keys()].join(" or ")}`,
    );
  }
  const driver = createProcessDriver({
    ...options,
    nodePath: process.execPath,
    agentPath: AGENT_PATH,
    cacheDir: join(options.stateDir, "cache"),
  });
  return { driver, reason };
}
