/** The secrets of this instance, gone over to the present master key if they are still under the one before. */
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { instanceKeyOf } from "../catalog/container-tokens.ts";
import type { Logger } from "../telemetry/logger.ts";
import { resealKeys } from "./data-keys.ts";
import { masterKeyOf } from "./seal.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

/** @throws InvalidError when they were stored under a master key that is neither of the two. */
export async function openSecrets(
  db: NodePgDatabase,
  options: { instanceKey: Uint8Array; previousMasterKey: string | null; now: () => number; log: Logger },
): Promise<Secrets> {
  const { instanceKey, previousMasterKey, now, log } = options;
  const master = {
    current: masterKeyOf(instanceKey),
    previous: previousMasterKey === null ? null : masterKeyOf(instanceKeyOf(previousMasterKey)),
  };
  const resealed = await db.transaction((tx) => resealKeys(tx, master));
  if (resealed > 0) log.info({ keys: resealed }, "the keys of secrets are sealed under the present master key now");
  return createSecrets(db, { master, now });
}
