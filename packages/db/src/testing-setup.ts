/**
 * Vitest's global set-up for tests that need a database: one server (BELLOWS_TEST_DATABASE_URL, or an embedded one in
 * a temporary folder) and one migrated template on it, from which every test file clones its own database.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDatabase } from "./client.ts";
import { connect } from "./connect.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrateDatabase } from "./migrate.ts";
import { ensurePartitions } from "./partitions.ts";
import type {} from "./testing.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer(process.env.BELLOWS_TEST_DATABASE_URL);
  const template = `bellows_template_${randomBytes(6).toString("hex")}`;
  const admin = await connect(server.url, "bellows tests");
  await admin.query(`create database ${template} template template0`);
  const url = new URL(server.url);
  url.pathname = `/${template}`;
  await migrateDatabase(url.href);
  const database = openDatabase(url.href);
  await ensurePartitions(database.pool, Date.now());
  await database.close();
  project.provide("databaseUrl", server.url);
  project.provide("databaseTemplate", template);
  return async () => {
    await admin.query(`drop database if exists ${template} with (force)`);
    await admin.end();
    await server.stop();
  };
}

async function testServer(givenUrl: string | undefined): Promise<{ url: string; stop: () => Promise<void> }> {
  if (givenUrl) return { url: givenUrl, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "bellows-test-postgres-"));
  const postgres = await startEmbeddedPostgres({ folder, durable: false, ownProcessGroup: false });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
