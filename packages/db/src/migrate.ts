/**
 * Brings a database to the schema of this version. Safe to run from several processes at once (an advisory lock lets
 * one work and the others find nothing to do) and to kill at any time (all pending migrations are one transaction).
 */
import { fileURLToPath } from "node:url";
import { ConflictError } from "@bellows/protocol/errors";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { connect } from "./connect.ts";

/** The same depth from `src` and from `dist`. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../../drizzle", import.meta.url));
/** Any number that nothing else in this database locks. */
const MIGRATION_LOCK = 7_237_121_001;
const OLDEST_POSTGRES = 15;

/** @throws ConflictError for a database of a newer Bellows or an older Postgres; ConnectionError, AuthError, NotFoundError when it cannot be reached. */
export async function migrateDatabase(url: string): Promise<void> {
  const client = await connect(url, "bellows migrations");
  try {
    await refuseOldPostgres(client);
    await client.query("set client_min_messages = warning");
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await refuseNewerSchema(client);
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS_FOLDER });
  } finally {
    await client.end();
  }
}

async function refuseOldPostgres(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  const major = rows[0]?.major ?? 0;
  if (major >= OLDEST_POSTGRES) return;
  throw new ConflictError(`the database runs on Postgres ${major}; Bellows needs Postgres ${OLDEST_POSTGRES} or newer`);
}

async function refuseNewerSchema(client: pg.Client): Promise<void> {
  const { rows: found } = await client.query<{ migrated: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as migrated",
  );
  if (!found[0]?.migrated) return;
  const { rows } = await client.query<{ latest: string | null }>(
    "select max(created_at) as latest from drizzle.__drizzle_migrations",
  );
  const known = Math.max(...readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map((m) => m.folderMillis));
  if (Number(rows[0]?.latest ?? 0) <= known) return;
  throw new ConflictError(
    "the database has the schema of a newer Bellows; start that version, or give this one another database or state folder",
  );
}
