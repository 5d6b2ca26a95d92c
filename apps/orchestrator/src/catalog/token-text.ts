/** Tokens and codes as text: 256 random bits that only their holder knows, and the SHA-256 under which they are stored. */
import { createHash, randomBytes } from "node:crypto";

/** The prefix says what a string found in a log or a shell history is. */
export const TOKEN_PREFIXES = { owner: "bellows_owner_", session: "bellows_session_", code: "bellows_code_" } as const;

export function newToken(kind: keyof typeof TOKEN_PREFIXES): string {
  return TOKEN_PREFIXES[kind] + randomBytes(32).toString("base64url");
}

export function tokenHash(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
