/** Who sent a request, by its `Authorization: Bearer` header. */
import type { IncomingMessage } from "node:http";
import type { TokenVerifier } from "../catalog/tokens.ts";
import type { Caller } from "./context.ts";

const BEARER = /^Bearer +(\S+)$/i;

export async function callerOf(request: IncomingMessage, tokens: Pick<TokenVerifier, "verify">): Promise<Caller> {
  const header = request.headers.authorization;
  if (header === undefined) return { kind: "anonymous" };
  const token = BEARER.exec(header)?.[1];
  return (token !== undefined && (await tokens.verify(token))) || { kind: "invalidToken" };
}
