import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConflictError, ConnectionError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type { Client } from "pg";
import { expect, inject, onTestFinished, test } from "vitest";
import { openDatabase } from "./client.ts";
import { connect } from "./connect.ts";
import { migrateDatabase } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
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
    "archives",
    "attempts",
    "autoscaler_overrides",
    "bundles",
    "calls",
    "containers",
    "decisions",
    "deployments",
    "environments",
    "function_owners",
    "function_stats",
    "functions",
    "image_builds",
    "input_chunks",
    "logs",
    "outputs",
    "secret_keys",
    "secrets",
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

test("what an older version stored is taken over: functions are plain ones, attempts failed, pools are none", async () => {
  const url = await emptyTestDatabase();
  const client = await connect(url);
  await migrate(drizzle(client), { migrationsFolder: await firstMigrations(2) });
  const database = openDatabase(url);
  await ensurePartitions(database.pool, Date.now());
  await database.close();
  const id = newId();
  await client.query(`
    insert into environments (id, name, created_at_ms) values ('${id}', 'main', 1);
    insert into bundles (hash, content, created_at_ms) values ('00', '', 1);
    insert into apps (id, environment_id, name, state, version, created_at_ms, deployed_at_ms) values ('${id}', '${id}', 'pages', 'deployed', 1, 1, 1);
    insert into apps (id, environment_id, name, state, version, created_at_ms, deployed_at_ms)
      select gen_random_uuid(), '${id}', name, state, 1, 1, 1 from (values ('pages-run-00zz99', 'ephemeral'),
        ('ended-run-a1b2c3', 'stopped'), ('ended', 'stopped'), ('live-run-a1b2c3', 'deployed')) as run (name, state);
    insert into deployments (id, app_id, version, bundle_hash, created_at_ms) values ('${id}', '${id}', 1, '00', 1);
    insert into functions (id, app_id, name, deployment_id, settings, created_at_ms) values ('${id}', '${id}', 'ocr', '${id}', '{"timeoutMs": 5}', 1);
    insert into attempts (call_id, idx, attempt, container_id, finished_at_ms, error) values ('${id}', 0, 1, '${id}', 1, '')`);
  await migrateDatabase(url);
  const { rows: functions } = await client.query(
    "select settings, base_id, pool_key, limits from functions, environments",
  );
  expect(await namesOfRuns(client)).toEqual(["ended-run-a1b2c3", "pages-run-00zz99"]);
  expect(functions).toEqual([
    { settings: { kind: "function", methods: [], timeoutMs: 5 }, base_id: null, pool_key: "", limits: {} },
  ]);
  const { rows: attempts } = await client.query("select outcome from attempts");
  expect(attempts).toEqual([{ outcome: "failed" }]);
  await client.query(
    `insert into attempts (call_id, idx, attempt, finished_at_ms, error) values ('${id}', 0, 2, 1, '')`,
  );
  await client.end();
});

async function namesOfRuns(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>("select name from apps where ephemeral order by name");
  return rows.map(({ name }) => name);
}

/** A folder with the first migrations only, as an older version has it. */
async function firstMigrations(count: number): Promise<string> {
  const all = fileURLToPath(new URL("../../../drizzle", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "bellows-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(all, folder, { recursive: true });
  const journalFile = join(folder, "meta", "_journal.json");
  const journal: { entries: unknown[] } = JSON.parse(await readFile(journalFile, "utf8"));
  await writeFile(journalFile, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return folder;
}
