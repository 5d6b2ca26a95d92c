/**
 * Signing in with a one-time link: a code that is good once and for 15 minutes becomes a session of 30 days. The
 * exchange is one conditional update, so of two exchanges of the same code one fails, whatever crashes between them.
 */
import { signInCodes } from "@bellows/db/schema/sign-in-codes";
import { tokens } from "@bellows/db/schema/tokens";
import { users } from "@bellows/db/schema/users";
import { AuthError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { and, eq, gt, isNull } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { newToken, tokenHash } from "./token-text.ts";

const CODE_MS = 15 * 60_000;
const SESSION_MS = 30 * 24 * 3_600_000;

export async function createSignInCode(
  db: NodePgDatabase,
  { userId, nowMs }: { userId: string; nowMs: number },
): Promise<{ code: string; expiresAtMs: number }> {
  const code = newToken("code");
  const expiresAtMs = nowMs + CODE_MS;
  await db.insert(signInCodes).values({ hash: tokenHash(code), userId, createdAtMs: nowMs, expiresAtMs });
  return { code, expiresAtMs };
}

/** @throws AuthError when the code is unknown, used or expired; the message does not say which. */
export async function exchangeSignInCode(
  db: NodePgDatabase,
  { code, nowMs }: { code: string; nowMs: number },
): Promise<{ token: string; expiresAtMs: number }> {
  const token = newToken("session");
  const expiresAtMs = nowMs + SESSION_MS;
  await db.transaction(async (tx) => {
    const [used] = await tx
      .update(signInCodes)
      .set({ usedAtMs: nowMs })
      .where(
        and(eq(signInCodes.hash, tokenHash(code)), isNull(signInCodes.usedAtMs), gt(signInCodes.expiresAtMs, nowMs)),
      )
      .returning({ userId: signInCodes.userId });
    const [user] = used ? await tx.select().from(users).where(eq(users.id, used.userId)) : [];
    if (!user) {
      throw new AuthError(
        "this sign-in link was used before or is older than 15 minutes; `npx bellows sign-in` prints a new one",
      );
    }
    await tx.insert(tokens).values({
      id: newId(nowMs),
      hash: tokenHash(token),
      kind: "session",
      role: user.role,
      name: "console session",
      userId: user.id,
      createdAtMs: nowMs,
      expiresAtMs,
    });
  });
  return { token, expiresAtMs };
}
