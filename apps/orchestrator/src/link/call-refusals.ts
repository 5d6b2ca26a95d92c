/** What a client may not ask for when it opens a call or adds to it. Each throws what the client is told. */
import { InvalidError, LimitExceededError, PermissionDeniedError } from "@bellows/protocol/errors";
import { idTimeMs, isId } from "@bellows/protocol/ids";
import { noSuchMethod } from "@bellows/protocol/known-names";
import { LIMITS } from "@bellows/protocol/limits";
import type { FunctionRecord } from "../catalog/function-directory.ts";

export function refuseCallId(callId: string): void {
  if (!isId(callId)) throw new InvalidError(`${callId} is not a call id; a call id is a UUIDv7`);
}

/** Ids are ordered by the time in them, which a client makes. */
export function refuseTimeOf(callId: string, nowMs: number): void {
  const skewMs = Math.abs(nowMs - idTimeMs(callId));
  if (skewMs <= LIMITS.callIdSkewMs) return;
  throw new InvalidError(
    `the time in call id ${callId} is ${Math.round(skewMs / 1000)} s from the server's; set this machine's clock`,
  );
}

/** `scope` is the environment of the container that calls; null for others, who may call everywhere. */
export function refuseEnvironment(scope: string | null, environment: string): void {
  if (scope === null || environment === scope) return;
  const text = `a container of environment "${scope}" cannot call functions of environment "${environment}"`;
  throw new PermissionDeniedError(text);
}

/** When it is no class that is called, or has no such method. */
export function refuseMethod(
  { name, settings }: Pick<FunctionRecord, "name" | "settings">,
  method: string | undefined,
): void {
  if (method === undefined) return;
  if (settings.kind !== "class") {
    throw new InvalidError(
      `"${name}" is a ${settings.kind} and has no methods; look it up with \`functions.fromName\` and call it by itself`,
    );
  }
  if (!settings.methods.includes(method)) {
    throw new InvalidError(noSuchMethod(`class "${name}"`, method, settings.methods));
  }
}

/** Null while it is not known. */
export function refuseInputCount(count: number | null): void {
  const max = LIMITS.inputsPerCall;
  if (count === null || count <= max) return;
  throw new LimitExceededError(
    `a call holds at most ${max.toLocaleString("en")} inputs; split the work into several calls`,
    { details: { limit: "inputsPerCall", max, current: count, retryAfterMs: null } },
  );
}

export function refuseValues(values: readonly Uint8Array[]): void {
  const oversized = values.find((value) => value.byteLength > LIMITS.valueBytes);
  if (!oversized) return;
  throw new InvalidError(`an input of ${oversized.byteLength} bytes is above the limit of ${LIMITS.valueBytes}`);
}
