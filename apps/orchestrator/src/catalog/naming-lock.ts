/**
 * What functions name, secrets and volumes, is there as long as one names it: whoever makes a function name something and
 * whoever takes something away do not overlap. Each holds its lock to the end of its transaction, taken before any row's.
 */
import { type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

type Session = Pick<NodePgDatabase, "execute">;

const KEY: SQL = sql`hashtext('bellows names of functions')`;

/** For a deploy or a new pool. Many may hold it at once. */
export async function lockForNaming(tx: Session): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${KEY})`);
}

/** For a removal: no function begins to name anything meanwhile, and those that do so already are committed. */
export async function lockForRemoval(tx: Session): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${KEY})`);
}
