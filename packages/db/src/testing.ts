/**
 * Databases for tests: a clone of a migrated template for each test file, on the server that `testing-setup.ts`
 * provides. A clone costs tens of milliseconds and nothing one test does reaches another.
 */
import { randomBytes } from "node:crypto";
import { afterAll, inject } from "vitest";
import { connect } from "./connect.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server, through a database that may be used to make others. */
    databaseUrl: string;
    /** The name of a migrated database with partitions for today, to which nobody connects. */
    databaseTemplate: string;
  }
}

/** The URL of a new migrated database. Call it at the top level of a test file; the database goes with the file. */
export async function cloneTestDatabase(): Promise<string> {
  return createTestDatabase(`template ${inject("databaseTemplate")}`);
}

/** The same without tables: for tests of migrations. */
export async function emptyTestDatabase(): Promise<string> {
  return createTestDatabase("template template0");
}

async function createTestDatabase(from: string): Promise<string> {
  const serverUrl = inject("databaseUrl");
  const name = `bellows_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name} ${from}`);
  afterAll(() => onServer(serverUrl, `drop database if exists ${name} with (force)`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = await connect(url, "bellows tests");
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
