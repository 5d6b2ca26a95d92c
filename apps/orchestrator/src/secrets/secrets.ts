/**
 * Secrets: named sets of variables, one namespace an environment. What is in them leaves this file for one reader only, the
 * container of a function that names them.
 */
import { functions } from "@bellows/db/schema/functions";
import { secretKeys, secrets } from "@bellows/db/schema/secrets";
import { InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import type { SecretView } from "@bellows/protocol/views";
import { and, eq, inArray, ne, type SQL, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import * as z from "zod";
import { environmentNamed } from "../catalog/environment-named.ts";
import { lockForRemoval } from "../catalog/naming-lock.ts";
import { addKey, type MasterKeys, newestKey, type Session, unsealedKey } from "./data-keys.ts";
import { open, seal } from "./seal.ts";

const NAME = /^[A-Za-z_][\w.-]{0,63}$/;
const VARIABLE = /^[A-Za-z_]\w{0,127}$/;
const MAX_BYTES = 64 * 1024;

const variablesSchema = z.record(z.string(), z.string());

export interface SecretChange {
  environment: string;
  name: string;
  variables: Record<string, string>;
  /** Who does it, for people. */
  by: string;
}

export interface Secrets {
  list(environment: string): Promise<SecretView[]>;
  /** Replaces the whole set, for containers that start from now on. @throws InvalidError, NotFoundError (environment). */
  set(change: SecretChange): Promise<SecretView>;
  /** @throws NotFoundError; InvalidError while a deployed function names it. */
  remove(environment: string, name: string): Promise<void>;
  /** Seals everything under a new key. Killed half-way, nothing has changed. */
  rotate(): Promise<{ secrets: number }>;
  /** In the transaction that makes functions name them. @throws NotFoundError naming those that are not there. */
  assertThere(session: Session, environmentId: string, names: readonly string[]): Promise<void>;
  /** The variables of these, a later one winning. @throws NotFoundError, InvalidError (another master key). */
  variables(environmentId: string, names: readonly string[]): Promise<Record<string, string>>;
}

export function createSecrets(db: NodePgDatabase, { master, now }: { master: MasterKeys; now: () => number }): Secrets {
  async function find(session: Session, environmentId: string, names: readonly string[]) {
    if (names.length === 0) return [];
    const found = await withKeys(
      session,
      and(eq(secrets.environmentId, environmentId), inArray(secrets.name, [...names])),
    );
    const missing = names.filter((name) => !found.some(({ row }) => row.name === name));
    if (missing.length === 0) return names.flatMap((name) => found.find(({ row }) => row.name === name) ?? []);
    throw new NotFoundError(
      `there is no secret ${missing.map((name) => `"${name}"`).join(", ")} in this environment; make it with \`bellows secret set ${missing[0]} NAME=VALUE\``,
    );
  }

  return {
    async list(environment) {
      const id = await environmentNamed(db, environment);
      const rows = await db.select().from(secrets).where(eq(secrets.environmentId, id)).orderBy(secrets.name);
      const users = await usersOf(db, id);
      return rows.map((row) => viewOf(row, users.get(row.name) ?? []));
    },
    async set({ environment, name, variables, by }) {
      assertSane(name, variables);
      const environmentId = await environmentNamed(db, environment);
      const nowMs = now();
      return db.transaction(async (tx) => {
        // A rotation in the same moment is waited for, and its key is used.
        await lock(tx);
        const key = await newestKey(tx, master, nowMs);
        const [before] = await tx
          .select({ id: secrets.id, createdAtMs: secrets.createdAtMs })
          .from(secrets)
          .where(and(eq(secrets.environmentId, environmentId), eq(secrets.name, name)));
        const id = before?.id ?? newId(nowMs);
        const row = {
          id,
          environmentId,
          name,
          keyId: key.id,
          sealed: seal(key.key, id, Buffer.from(JSON.stringify(variables))),
          variables: Object.keys(variables).sort(),
          createdAtMs: before?.createdAtMs ?? nowMs,
          updatedAtMs: nowMs,
          updatedBy: by,
        };
        await tx.insert(secrets).values(row).onConflictDoUpdate({ target: secrets.id, set: row });
        return viewOf(row, (await usersOf(tx, environmentId)).get(name) ?? []);
      });
    },
    remove: (environment, name) =>
      db.transaction(async (tx) => {
        await lockForRemoval(tx);
        const environmentId = await environmentNamed(tx, environment);
        const [found] = await find(tx, environmentId, [name]);
        const users = (await usersOf(tx, environmentId)).get(name) ?? [];
        if (users.length > 0) {
          throw new InvalidError(
            `secret "${name}" is used by ${users.join(", ")}; deploy without it first, or set it to something else`,
          );
        }
        if (found) await tx.delete(secrets).where(eq(secrets.id, found.row.id));
      }),
    rotate: () =>
      db.transaction(async (tx) => {
        await lock(tx);
        const key = await addKey(tx, master, now());
        const rows = await withKeys(tx);
        for (const { row, sealedKey } of rows) {
          const plain = opened(row, unsealedKey({ id: row.keyId, sealed: sealedKey }, master));
          await tx
            .update(secrets)
            .set({ keyId: key.id, sealed: seal(key.key, row.id, plain) })
            .where(eq(secrets.id, row.id));
        }
        await tx.delete(secretKeys).where(ne(secretKeys.id, key.id));
        return { secrets: rows.length };
      }),
    async assertThere(session, environmentId, names) {
      await find(session, environmentId, names);
    },
    async variables(environmentId, names) {
      const all: Record<string, string> = {};
      for (const { row, sealedKey } of await find(db, environmentId, names)) {
        const plain = opened(row, unsealedKey({ id: row.keyId, sealed: sealedKey }, master));
        Object.assign(all, variablesSchema.parse(JSON.parse(Buffer.from(plain).toString("utf8"))));
      }
      return all;
    },
  };
}

/** Each with its key as it is stored; in one statement, for a rotation deletes the keys that it replaces. */
function withKeys(db: Session, which?: SQL) {
  return db
    .select({ row: secrets, sealedKey: secretKeys.sealed })
    .from(secrets)
    .innerJoin(secretKeys, eq(secretKeys.id, secrets.keyId))
    .where(which);
}

/** Two of those that seal take turns. */
async function lock(tx: Session): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('bellows secrets'))`);
}

function opened({ id, name, sealed }: { id: string; name: string; sealed: Uint8Array }, key: Uint8Array): Uint8Array {
  const plain = open(key, id, sealed);
  if (plain) return plain;
  throw new InvalidError(`secret "${name}" does not open with its key: somebody has changed it; set it again`);
}

function viewOf(
  row: Omit<typeof secrets.$inferSelect, "sealed" | "keyId" | "environmentId">,
  usedBy: string[],
): SecretView {
  const { id, name, variables, createdAtMs, updatedAtMs, updatedBy } = row;
  return { id, name, variables, createdAtMs, updatedAtMs, updatedBy, usedBy };
}

/** By name: the deployed functions that name it, each as `app/function`. */
async function usersOf(db: Session, environmentId: string): Promise<Map<string, string[]>> {
  const { rows } = await db.execute<{ secret: string; user: string }>(sql`
    select distinct named.secret, apps.name || '/' || ${functions.name} as user
    from ${functions} join apps on apps.id = ${functions.appId},
      lateral jsonb_array_elements_text(${functions.settings} -> 'secrets') as named (secret)
    where apps.environment_id = ${environmentId} and apps.state <> 'stopped' and ${functions.archivedAtMs} is null
    order by 2`);
  const users = new Map<string, string[]>();
  for (const { secret, user } of rows) users.set(secret, [...(users.get(secret) ?? []), user]);
  return users;
}

function assertSane(name: string, variables: Record<string, string>): void {
  if (!NAME.test(name)) {
    throw new InvalidError(
      `${JSON.stringify(name)} cannot name a secret; start with a letter and use at most 64 letters, digits, _ . or -`,
    );
  }
  const keys = Object.keys(variables);
  if (keys.length === 0) throw new InvalidError(`secret "${name}" would be empty; give it at least one NAME=VALUE`);
  const wrong = keys.find((key) => !VARIABLE.test(key) || key.startsWith("BELLOWS_"));
  if (wrong !== undefined) {
    throw new InvalidError(
      `${JSON.stringify(wrong)} cannot be a variable of a secret; use letters, digits and _, and not BELLOWS_ at the beginning`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(variables));
  if (bytes > MAX_BYTES) throw new InvalidError(`secret "${name}" has ${bytes} bytes, above the limit of 64 KiB`);
}
