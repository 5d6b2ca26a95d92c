/**
 * What a new instance starts with: the environment `main`, its local owner, and the owner's token in
 * `<stateDir>/credentials.json`. Safe to run at every start: what is there is kept; a token that the database does not
 * know (another database, a lost file) is replaced by a new one.
 */
import { join } from "node:path";
import { environments } from "@bellows/db/schema/environments";
import { tokens } from "@bellows/db/schema/tokens";
import { users } from "@bellows/db/schema/users";
import { InternalError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { and, asc, eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { z } from "zod";
import { DEFAULT_ENVIRONMENT } from "./default-environment.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";
import { newToken, tokenHash } from "./token-text.ts";

const OWNER_NAME = "owner";

const credentialsSchema = z.object({ url: z.string(), token: z.string() });

export interface Defaults {
  environmentId: string;
  ownerId: string;
}

export async function ensureDefaults(
  db: NodePgDatabase,
  { stateDir, url, nowMs }: { stateDir: string; url: string; nowMs: number },
): Promise<Defaults> {
  const environmentId = await ensureEnvironment(db, nowMs);
  const ownerId = await ensureOwner(db, nowMs);
  const path = join(stateDir, "credentials.json");
  const stored = parseCredentials(await readPrivateFile(path));
  const token = stored && (await isOwnerToken(db, stored.token)) ? stored.token : await issueToken(db, ownerId, nowMs);
  await writePrivateFile(path, `${JSON.stringify({ url, token }, null, 2)}\n`);
  return { environmentId, ownerId };
}

async function ensureEnvironment(db: NodePgDatabase, nowMs: number): Promise<string> {
  await db
    .insert(environments)
    .values({ id: newId(nowMs), name: DEFAULT_ENVIRONMENT, createdAtMs: nowMs })
    .onConflictDoNothing();
  const [row] = await db.select().from(environments).where(eq(environments.name, DEFAULT_ENVIRONMENT));
  if (!row) throw new InternalError(`the environment ${DEFAULT_ENVIRONMENT} could not be created`);
  return row.id;
}

/** The first owner there is. */
async function ensureOwner(db: NodePgDatabase, nowMs: number): Promise<string> {
  const [owner] = await db.select().from(users).where(eq(users.role, "owner")).orderBy(asc(users.id)).limit(1);
  if (owner) return owner.id;
  const id = newId(nowMs);
  await db.insert(users).values({ id, name: OWNER_NAME, role: "owner", createdAtMs: nowMs });
  return id;
}

async function isOwnerToken(db: NodePgDatabase, token: string): Promise<boolean> {
  const [row] = await db
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(eq(tokens.hash, tokenHash(token)), eq(tokens.kind, "owner")));
  return row !== undefined;
}

async function issueToken(db: NodePgDatabase, userId: string, nowMs: number): Promise<string> {
  const token = newToken("owner");
  await db.insert(tokens).values({
    id: newId(nowMs),
    hash: tokenHash(token),
    kind: "owner",
    role: "owner",
    name: "local owner",
    userId,
    createdAtMs: nowMs,
  });
  return token;
}

/** A file that is not what we wrote is replaced like a missing one. */
function parseCredentials(text: string | undefined): z.infer<typeof credentialsSchema> | undefined {
  try {
    return text === undefined ? undefined : credentialsSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
