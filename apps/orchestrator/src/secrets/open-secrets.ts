/** The secrets of this instance, gone over to the present master key if they are still under one before. */
import { secretKeys, secrets } from "@bellows/db/schema/secrets";
import { inArray } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Logger } from "../telemetry/logger.ts";
import { type MasterKeys, openKey, resealKeys, type Session } from "./data-keys.ts";
import { masterKeyOf } from "./seal.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

export interface OpenSecretsOptions {
  instanceKey: Uint8Array;
  /** Of this instance before, as far as they are known. */
  previousKeys: readonly Uint8Array[];
  /** What none of these keys opens is deleted: its key is lost. */
  forget: boolean;
  now: () => number;
  log: Logger;
}

/** Killed half-way, nothing has changed. @throws InvalidError when they were stored under a master key that is none of these. */
export async function openSecrets(db: NodePgDatabase, options: OpenSecretsOptions): Promise<Secrets> {
  const { instanceKey, previousKeys, forget, now, log } = options;
  const master = { current: masterKeyOf(instanceKey), previous: previousKeys.map(masterKeyOf) };
  const { forgotten, resealed } = await db.transaction(async (tx) => ({
    forgotten: forget ? await forgetLost(tx, master) : [],
    resealed: await resealKeys(tx, master),
  }));
  if (forgotten.length > 0) log.warn({ secrets: forgotten }, "secrets whose master key is lost are deleted");
  if (resealed > 0) log.info({ keys: resealed }, "the keys of secrets are sealed under the present master key now");
  return createSecrets(db, { master, now });
}

/** Returns the names of the secrets that are gone. */
async function forgetLost(db: Session, master: MasterKeys): Promise<string[]> {
  const keys = await db.select().from(secretKeys);
  const lost = keys.filter((row) => !openKey(row, master)).map(({ id }) => id);
  if (lost.length === 0) return [];
  const gone = await db.delete(secrets).where(inArray(secrets.keyId, lost)).returning({ name: secrets.name });
  await db.delete(secretKeys).where(inArray(secretKeys.id, lost));
  return gone.map(({ name }) => name);
}
