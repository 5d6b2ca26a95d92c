/** A pool of sessions and drizzle on it. Nothing is connected until the first query. */
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";

export interface Database {
  pool: pg.Pool;
  db: NodePgDatabase;
  close(): Promise<void>;
}

export function openDatabase(
  url: string,
  options: { maxConnections?: number; applicationName?: string } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? "bellows",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // The pool replaces a session that broke while idle; without a listener the break would end the process.
  pool.on("error", () => {});
  let closing: Promise<void> | undefined;
  return {
    pool,
    db: drizzle(pool),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}
