/**
 * The keys under which secrets are sealed. Each is stored sealed under the master key; the newest seals what is new. So
 * another master key means sealing a few keys anew, and a rotation never has to be finished by hand: it is one transaction.
 */
import { secretKeys } from "@bellows/db/schema/secrets";
import { InvalidError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { desc, eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { newKey, open, seal } from "./seal.ts";

export type Session = Pick<NodePgDatabase, "select" | "insert" | "update" | "delete" | "execute">;

export interface MasterKeys {
  current: Uint8Array;
  /** Those before, which may have sealed keys that the current one has not. */
  previous: readonly Uint8Array[];
}

export interface DataKey {
  id: string;
  key: Uint8Array;
}

interface SealedKey {
  id: string;
  sealed: Uint8Array;
}

/** The key for what is sealed now; made when there is none. @throws InvalidError for another master key. */
export async function newestKey(db: Session, master: MasterKeys, nowMs: number): Promise<DataKey> {
  const [row] = await db.select().from(secretKeys).orderBy(desc(secretKeys.id)).limit(1);
  return row ? { id: row.id, key: unsealedKey(row, master) } : await addKey(db, master, nowMs);
}

export async function addKey(db: Session, master: MasterKeys, nowMs: number): Promise<DataKey> {
  const id = newId(nowMs);
  const key = newKey();
  await db.insert(secretKeys).values({ id, sealed: seal(master.current, id, key), createdAtMs: nowMs });
  return { id, key };
}

/** Seals what the master key before has sealed under the present one. Doing it again changes nothing. Returns how many. */
export async function resealKeys(db: Session, master: MasterKeys): Promise<number> {
  let resealed = 0;
  for (const row of await db.select().from(secretKeys)) {
    if (open(master.current, row.id, row.sealed)) continue;
    const key = unsealedKey(row, master);
    await db
      .update(secretKeys)
      .set({ sealed: seal(master.current, row.id, key) })
      .where(eq(secretKeys.id, row.id));
    resealed += 1;
  }
  return resealed;
}

/** Undefined for another master key. */
export function openKey({ id, sealed }: SealedKey, { current, previous }: MasterKeys): Uint8Array | undefined {
  for (const master of [current, ...previous]) {
    const key = open(master, id, sealed);
    if (key) return key;
  }
  return undefined;
}

/** @throws InvalidError for another master key. */
export function unsealedKey(row: SealedKey, master: MasterKeys): Uint8Array {
  const key = openKey(row, master);
  if (key) return key;
  throw new InvalidError(
    "the secrets were stored under another master key; start with that one as BELLOWS_MASTER_KEY (or with its instance-key " +
      "file), or name it in BELLOWS_MASTER_KEY_PREVIOUS once, to go over to the present one. If it is lost, so are they: " +
      "start once with BELLOWS_FORGET_SECRETS=1, and set them anew",
  );
}
