import { ConflictError, ConnectionError } from "@bellows/protocol/errors";
import { expect, inject, test } from "vitest";
import { connect } from "./connect.ts";
import { migrateDatabase } from "./migrate.ts";
import { cloneTestDatabase, emptyTestDatabase } from "./testing.ts";

const empty = await emptyTestDatabase();
const migrated = await cloneTestDatabase();

async function tablesOf(url: string): Promise<string[]> {
  const client = await connect(url);
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
  );
  await client.end();
  return rows.map((row) => row.name);
}

test("two migrators at once: both succeed, and the schema is there once", async () => {
  await Promise.all([migrateDatabase(empty), migrateDatabase(empty), migrateDatabase(empty)]);
  expect(await tablesOf(empty)).toEqual([
    "apps",
    "attempts",
    "bundles",
    "calls",
    "containers",
    "decisions",
    "deployments",
    "environments",
    "function_owners",
    "function_stats",
    "functions",
    "input_chunks",
    "logs",
    "outputs",
    "sign_in_codes",
    "tokens",
    "users",
  ]);
});

test("a migrated database is left as it is", async () => {
  const before = await tablesOf(migrated);
  await migrateDatabase(migrated);
  expect(await tablesOf(migrated)).toEqual(before);
});

test("a database of a newer schema is refused in one sentence", async () => {
  const client = await connect(migrated);
  await client.query(
    "insert into drizzle.__drizzle_migrations (hash, created_at) select 'newer', max(created_at) + 1 from drizzle.__drizzle_migrations",
  );
  await client.end();
  const refused = await migrateDatabase(migrated).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConflictError);
  expect(String(refused)).toContain("the schema of a newer Bellows");
});

test("a dead Postgres is one sentence that names the place and not the password", async () => {
  const url = new URL(inject("databaseUrl"));
  url.port = "1";
  url.password = "hush";
  const refused = await migrateDatabase(url.href).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConnectionError);
  expect(String(refused)).toContain(`Postgres at ${url.host} does not answer`);
  expect(String(refused)).not.toContain("hush");
});

test("a database that does not exist is named", async () => {
  const missing = new URL(inject("databaseUrl"));
  missing.pathname = "/nowhere";
  await expect(migrateDatabase(missing.href)).rejects.toMatchObject({ code: "NOT_FOUND" });
});
