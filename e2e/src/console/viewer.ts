/** Somebody who may look and change nothing. No command makes one yet, so its rows are written as the catalog writes them. */
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "@bellows/protocol/ids";
import pg from "pg";
import type { Stack } from "../stack.ts";

/** @returns a link that signs them in, once. */
export async function viewerSignInUrl(stack: Stack): Promise<string> {
  const client = new pg.Client({ connectionString: await databaseUrl(stack) });
  await client.connect();
  const [userId, code, nowMs] = [newId(), `viewer-${randomBytes(16).toString("hex")}`, Date.now()];
  await client.query("insert into users (id, name, role, created_at_ms) values ($1, 'a viewer', 'viewer', $2)", [
    userId,
    nowMs,
  ]);
  await client.query(
    "insert into sign_in_codes (hash, user_id, created_at_ms, expires_at_ms) values ($1, $2, $3, $4)",
    [createHash("sha256").update(code).digest(), userId, nowMs, nowMs + 60_000],
  );
  await client.end();
  return `${stack.consoleUrl}/sign-in?code=${code}`;
}

async function databaseUrl({ stateDir }: Stack): Promise<string> {
  const folder = join(stateDir, "postgres");
  const password = (await readFile(join(folder, "password"), "utf8")).trim();
  // The fourth line of the file that Postgres keeps while it runs is its port.
  const port = (await readFile(join(folder, "data", "postmaster.pid"), "utf8")).split("\n")[3];
  return `postgres://bellows:${password}@127.0.0.1:${port}/bellows`;
}
