/**
 * Who holds a bearer token. What Postgres said is remembered for a short while, so that a link or a page that asks
 * often costs no query; a revoked token is refused at once by this orchestrator (`forget`).
 */
import { tokens } from "@bellows/db/schema/tokens";
import { users } from "@bellows/db/schema/users";
import { eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { ContainerTokens } from "./container-tokens.ts";
import { lowerRole, type Principal } from "./principal.ts";
import { tokenHash } from "./token-text.ts";

const REMEMBERED_MS = 30_000;
const REMEMBERED_MAX = 10_000;

export interface TokenVerifier {
  /** Undefined for a token that is unknown, expired or revoked. */
  verify(token: string): Promise<Principal | undefined>;
  /** Revokes: the token is deleted and not remembered any more. */
  revoke(tokenId: string): Promise<void>;
}

export function createTokenVerifier(deps: {
  db: NodePgDatabase;
  containerTokens: ContainerTokens;
  now: () => number;
}): TokenVerifier {
  const { db, containerTokens, now } = deps;
  const remembered = new Map<string, { principal: Principal & { kind: "user" }; untilMs: number }>();

  async function verify(token: string): Promise<Principal | undefined> {
    const containerId = containerTokens.verifyContainerToken(token);
    if (containerId !== undefined) return { kind: "container", containerId };
    const hash = tokenHash(token);
    const key = Buffer.from(hash).toString("base64");
    const known = remembered.get(key);
    if (known && known.untilMs > now()) return known.principal;
    remembered.delete(key);
    const found = await findToken(db, hash, now());
    if (!found) return undefined;
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    const untilMs = Math.min(now() + REMEMBERED_MS, found.expiresAtMs ?? Number.POSITIVE_INFINITY);
    remembered.set(key, { principal: found.principal, untilMs });
    return found.principal;
  }

  async function revoke(tokenId: string): Promise<void> {
    await db.delete(tokens).where(eq(tokens.id, tokenId));
    for (const [key, { principal }] of remembered) if (principal.tokenId === tokenId) remembered.delete(key);
  }

  return { verify, revoke };
}

async function findToken(db: NodePgDatabase, hash: Uint8Array, nowMs: number) {
  const [row] = await db
    .select({ token: tokens, user: users })
    .from(tokens)
    .leftJoin(users, eq(tokens.userId, users.id))
    .where(eq(tokens.hash, hash));
  if (!row) return undefined;
  const { token, user } = row;
  if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return undefined;
  const principal = {
    kind: "user" as const,
    userId: user?.id ?? token.id,
    name: user?.name ?? token.name,
    role: user ? lowerRole(token.role, user.role) : token.role,
    tokenId: token.id,
    rateLimited: token.kind !== "owner",
  };
  return { principal, expiresAtMs: token.expiresAtMs };
}
