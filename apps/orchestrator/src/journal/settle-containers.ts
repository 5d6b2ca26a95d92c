/**
 * Containers that ended while no orchestrator was there to see it: stored as running, but not among those the driver
 * finds now. Run once at start, before any engine; running it again changes nothing.
 */
import type pg from "pg";

const SETTLE = `
  update containers set state = 'stopped', stopped_at_ms = $2, reason = coalesce(reason, 'it ended while no orchestrator was running')
  where stopped_at_ms is null and driver = $3 and not (id = any($1::uuid[]))`;

/** `found` are the ids of the containers that run. Returns how many were settled. */
export async function settleContainers(
  pool: pg.Pool,
  { found, driver, nowMs }: { found: readonly string[]; driver: string; nowMs: number },
): Promise<number> {
  const { rowCount } = await pool.query(SETTLE, [found, nowMs, driver]);
  return rowCount ?? 0;
}
