/**
 * What time does to the facts: the day partitions of the days to come are made long before they are needed, those past
 * retention are dropped, and with them the rows of containers that were gone by then; then goes what the catalog keeps for
 * them. Idempotent: a round that fails or is killed is made up for by the next.
 */
import { dropPartitions, ensurePartitions } from "@bellows/db/partitions";
import type pg from "pg";
import type { Pruned } from "../catalog/prune.ts";

export const RETENTION_EVERY_MS = 3_600_000;

export interface RetentionDeps {
  pool: pg.Pool;
  /** What nothing needs any more that was there before `olderThanMs`. */
  prune: (olderThanMs: number) => Promise<Pruned>;
  /** Counted from the end of the day on which a call was made. */
  retentionMs: number;
  nowMs: number;
}

export interface RetentionRound extends Pruned {
  created: string[];
  dropped: string[];
  /** Past retention, but with calls that are not finished. */
  kept: string[];
  /** Past retention, but in use just now. */
  busy: string[];
  containersDeleted: number;
}

export async function runRetention({ pool, prune, retentionMs, nowMs }: RetentionDeps): Promise<RetentionRound> {
  const olderThanMs = nowMs - retentionMs;
  const created = await ensurePartitions(pool, nowMs);
  const { dropped, kept, busy } = await dropPartitions(pool, olderThanMs);
  const { rowCount } = await pool.query("delete from containers where stopped_at_ms < $1", [olderThanMs]);
  return { created, dropped, kept, busy, containersDeleted: rowCount ?? 0, ...(await prune(olderThanMs)) };
}
