/**
 * Who is asking. Every request comes with a bearer token or without one; what it turned out to be is decided once, at
 * the door (HTTP server), and travels as a `Caller`.
 */
import type { Principal } from "../catalog/principal.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Verbs } from "./verbs.ts";

export type Caller = Principal | { kind: "anonymous" } | { kind: "invalidToken" };

export interface ApiContext {
  caller: Caller;
  verbs: Verbs;
  logger: Logger;
}
