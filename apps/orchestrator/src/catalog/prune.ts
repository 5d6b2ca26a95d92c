/**
 * What the catalog keeps for calls that are gone. Nothing goes that a stored call or a container points to, or that a
 * deploy in the same moment asks for: each statement looks and deletes at once, and foreign keys hold what it could not
 * see. Doing it again changes nothing.
 */
import { sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { archivedPoolKey } from "./archived-pool-key.ts";

export interface Pruned {
  /** Pools that were given up because nothing had called them for so long; their next call makes new ones. */
  poolsArchived: number;
  poolsDeleted: number;
  /** Apps of runs. */
  appsDeleted: number;
  bundlesDeleted: number;
}

/** Code that was uploaded and not deployed yet may still be. */
const UPLOAD_GRACE_MS = 24 * 3_600_000;

const UNUSED = sql`
  not exists (select from calls where calls.function_id = functions.id)
  and not exists (select from containers where containers.function_id = functions.id and containers.stopped_at_ms is null)`;

export interface PruneOptions {
  olderThanMs: number;
  nowMs: number;
  /** Archives those of these pools that have nothing to do, which rows may not say yet. Nothing of them begins meanwhile. */
  giveUp: (poolIds: readonly string[], archive: (idle: readonly string[]) => Promise<number>) => Promise<number>;
}

export async function pruneCatalog(db: NodePgDatabase, options: PruneOptions): Promise<Pruned> {
  const { olderThanMs, nowMs } = options;
  // Archived for as long as calls are kept, so that whoever has just asked for one is long done with it.
  const deleted = await db.execute(
    sql`delete from functions where base_id is not null and archived_at_ms < ${olderThanMs} and ${UNUSED}`,
  );
  const poolsArchived = await archivePools(db, options);
  const appsDeleted = await deleteRuns(db, olderThanMs);
  const bundlesDeleted = await deleteBundles(db, olderThanMs, nowMs);
  await deleteArchives(db, nowMs);
  await deleteImageBuilds(db, olderThanMs);
  const poolsDeleted = deleted.rowCount ?? 0;
  return { poolsArchived, poolsDeleted, appsDeleted, bundlesDeleted };
}

/**
 * A call that an engine has taken a moment ago is not stored yet, and would be cancelled: the engine says that it is idle,
 * and takes none until its row is archived. A deploy may hold the rows of pools: those are left for the next time.
 */
async function archivePools(db: NodePgDatabase, { olderThanMs, nowMs, giveUp }: PruneOptions): Promise<number> {
  const unused = sql`base_id is not null and archived_at_ms is null and created_at_ms < ${olderThanMs} and ${UNUSED}`;
  const { rows } = await db.execute<{ id: string }>(sql`select id from functions where ${unused}`);
  if (rows.length === 0) return 0;
  return giveUp(
    rows.map(({ id }) => id),
    async (idle) => {
      const { rowCount } = await db.execute(sql`
        update functions set archived_at_ms = ${nowMs}, pool_key = ${archivedPoolKey}
        where id in (
          select id from functions where id = any(${sql.param(idle)}::uuid[]) and ${unused} for update skip locked
        )`);
      return rowCount ?? 0;
    },
  );
}

/** The apps of runs that were stopped that long ago, with their functions and deployments. */
async function deleteRuns(db: NodePgDatabase, olderThanMs: number): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute<{ id: string }>(sql`
      select id from apps
      where ephemeral and state = 'stopped' and stopped_at_ms < ${olderThanMs}
        and not exists (select from calls where calls.app_id = apps.id)
        and not exists (
          select from functions join containers on containers.function_id = functions.id where functions.app_id = apps.id
        )
      for update skip locked`);
    const ids = rows.map(({ id }) => id);
    const gone = sql`any(${sql.param(ids)}::uuid[])`;
    await tx.execute(sql`delete from functions where app_id = ${gone}`);
    await tx.execute(sql`delete from deployments where app_id = ${gone}`);
    await tx.execute(sql`delete from apps where id = ${gone}`);
    return ids.length;
  });
}

/**
 * The deployments of an app that was stopped that long ago remain as its history, without their code; a deploy brings the
 * app back with code of its own. Then code goes that no deployment has.
 */
async function deleteBundles(db: NodePgDatabase, olderThanMs: number, nowMs: number): Promise<number> {
  await db.execute(sql`
    update deployments set bundle_hash = null from apps
    where deployments.app_id = apps.id and deployments.bundle_hash is not null
      and apps.state = 'stopped' and apps.stopped_at_ms < ${olderThanMs}
      and not exists (select from calls where calls.app_id = apps.id and calls.state = 'running')`);
  const { rowCount } = await db.execute(sql`
    delete from bundles where created_at_ms < ${nowMs - UPLOAD_GRACE_MS}
      and not exists (select from deployments where deployments.bundle_hash = bundles.hash)`);
  return rowCount ?? 0;
}

/** Files of images that no function has any more. */
async function deleteArchives(db: NodePgDatabase, nowMs: number): Promise<void> {
  await db.execute(sql`
    delete from archives where created_at_ms < ${nowMs - UPLOAD_GRACE_MS}
      and not exists (select from functions where strpos(functions.settings->>'image', archives.hash) > 0)`);
}

/** What builds have said. The images themselves are the driver's. */
async function deleteImageBuilds(db: NodePgDatabase, olderThanMs: number): Promise<void> {
  await db.execute(sql`delete from image_builds where state <> 'building' and started_at_ms < ${olderThanMs}`);
}
