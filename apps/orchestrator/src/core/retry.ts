/**
 * When a failed attempt is tried again. User code that failed is charged and waits; an attempt that was lost with its
 * container is not the user's failure: it goes back at once and only so many times.
 */
import type { ErrorCode } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { LIMITS } from "@bellows/protocol/limits";
import { decodeValue } from "@bellows/protocol/values";

export type RetryPolicy = FunctionSettings["retries"];

/** These say something about the code or the value: running them again ends the same way. */
const FINAL_CODES: ReadonlySet<unknown> = new Set<ErrorCode>(["SERIALIZATION", "PAYLOAD_TOO_LARGE", "INVALID"]);

/** The wait before the next attempt, or null when there is none. `failedAttempts` counts the one that just failed. */
export function retryDelayMs(policy: RetryPolicy, failedAttempts: number, error: Uint8Array): number | null {
  if (failedAttempts > policy.maxRetries || isFinal(error)) return null;
  return Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.backoffCoefficient ** (failedAttempts - 1));
}

/** Whether an attempt that has begun is its input's last, whatever becomes of it. */
export function runsAtMostOnce({ kind }: FunctionSettings): boolean {
  return kind === "generator";
}

/** Whether an input that was lost this often (the last time included) is given to a container again. */
export function mayBeGivenBack(lostAttempts: number): boolean {
  return lostAttempts <= LIMITS.lostAttempts;
}

/** An input that was lost this often may be the one that kills its containers. */
const SUSPECT_LOSSES = 2;

/** Such an input runs alone, so that only the guilty one is lost again. */
export function isSuspect(input: { lostAttempts: number }): boolean {
  return input.lostAttempts >= SUSPECT_LOSSES;
}

/** Whether a failed attempt certainly is the input's last, when nothing is known of earlier ones. */
export function isLastWhateverCameBefore(policy: RetryPolicy, error: Uint8Array): boolean {
  return policy.maxRetries === 0 || isFinal(error);
}

/** Bytes that are no error at all say nothing about a retry. */
function isFinal(error: Uint8Array): boolean {
  let data: unknown;
  try {
    data = decodeValue(error);
  } catch {
    return false;
  }
  return typeof data === "object" && data !== null && "code" in data && FINAL_CODES.has(data.code);
}
