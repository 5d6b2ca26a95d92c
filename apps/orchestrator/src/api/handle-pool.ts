/** The pool that a handle names over HTTP, where bytes are text. */
import type { Pool } from "@bellows/protocol/client-frames";
import type { HandleRef } from "./verbs.ts";

export function handlePool({ settings, parameters }: NonNullable<HandleRef["pool"]>): Pool {
  return { settings, parameters: parameters === null ? null : new Uint8Array(Buffer.from(parameters, "base64")) };
}
