/**
 * Who is asking. Every request comes with a bearer token or without one; what it turned out to be is decided once, at
 * the door (HTTP server), and travels as a `Caller`.
 */
import type { UserView } from "@bellows/protocol/views";
import type { Logger } from "../telemetry/logger.ts";
import type { Verbs } from "./verbs.ts";

/** Someone with a valid token: a user (API token or console session), or a container with its own token. */
export type Principal =
  | { kind: "user"; userId: string; name: string; role: UserView["role"]; tokenId: string }
  | { kind: "container"; containerId: string };

export type Caller = Principal | { kind: "anonymous" } | { kind: "invalidToken" };

export interface ApiContext {
  caller: Caller;
  verbs: Verbs;
  logger: Logger;
}
