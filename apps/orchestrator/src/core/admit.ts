/**
 * Whether a call or its inputs are taken, before anything is stored: rates by a bucket of tokens, numbers by what of
 * the function is unfinished. A refusal is a value that names its limit and when to try again.
 */
import type { EnvironmentLimits } from "@bellows/protocol/limits";
import type { QueueClass } from "@bellows/protocol/states";
import type { FunctionCore } from "./state.ts";

/** What a LimitExceededError says. `retryAfterMs` is null when waiting does not help. */
export interface Refusal {
  limit: keyof EnvironmentLimits;
  max: number;
  /** For a number of inputs: those counted against it already. For a rate: calls of the present second, this one included. */
  current: number;
  retryAfterMs: number | null;
}

/**
 * A rate is borne five-fold for five seconds: five seconds bring 25 seconds' worth of calls, five of which are refilled
 * meanwhile. So the bucket holds the other twenty.
 */
const BUCKET_SECONDS = 20;
/** Tokens are counted in millionths, so that a microsecond refills a whole number of them and nothing is rounded. */
const CALL = 1_000_000;

/** The calls of one class that one caller may still open. */
export interface RateBucket {
  readonly limit: RateLimit;
  readonly perSecond: number;
  /** In millionths; below zero by less than one call after the last one that was taken. */
  tokens: number;
  atUs: number;
  secondFromMs: number;
  askedInSecond: number;
}

type RateLimit = Extract<keyof EnvironmentLimits, `${string}PerSecond`>;

export function createRateBucket(limit: RateLimit, perSecond: number, nowMs: number): RateBucket {
  const tokens = perSecond * BUCKET_SECONDS * CALL;
  return { limit, perSecond, tokens, atUs: microseconds(nowMs), secondFromMs: nowMs, askedInSecond: 0 };
}

/** Takes one call; null when it may be opened. Exactly 25 r calls of 5 r a second pass in five seconds, then r a second. */
export function takeCall(bucket: RateBucket, nowMs: number): Refusal | null {
  const { limit, perSecond } = bucket;
  const nowUs = microseconds(nowMs);
  const passedUs = Math.max(0, nowUs - bucket.atUs);
  bucket.tokens = Math.min(perSecond * BUCKET_SECONDS * CALL, bucket.tokens + passedUs * perSecond);
  bucket.atUs = Math.max(bucket.atUs, nowUs);
  if (nowMs - bucket.secondFromMs >= 1_000) {
    bucket.secondFromMs = nowMs;
    bucket.askedInSecond = 0;
  }
  bucket.askedInSecond += 1;
  if (bucket.tokens <= 0) {
    const retryAfterMs = Math.floor(-bucket.tokens / perSecond / 1_000) + 1;
    return { limit, max: perSecond, current: bucket.askedInSecond, retryAfterMs };
  }
  bucket.tokens -= CALL;
  return null;
}

/** Whether nothing was taken for so long that a new bucket would be the same: then it need not be kept. */
export function isFullAgain(bucket: RateBucket, nowMs: number): boolean {
  return (
    bucket.tokens + (microseconds(nowMs) - bucket.atUs) * bucket.perSecond >= bucket.perSecond * BUCKET_SECONDS * CALL
  );
}

function microseconds(ms: number): number {
  return Math.round(ms * 1_000);
}

export interface InputsAsked {
  queueClass: QueueClass;
  count: number;
  /**
   * Inputs of this class that have no output yet, by who takes them in: those on their way into Postgres, which the core
   * is not told of before they are there, and those announced count too.
   */
  unfinished: number;
  limits: EnvironmentLimits;
}

/** Null when so many inputs more may be taken, otherwise the first limit that they exceed. */
export function admitInputs(
  core: FunctionCore,
  { queueClass, count, unfinished, limits }: InputsAsked,
): Refusal | null {
  const refused = (limit: keyof EnvironmentLimits, current: number): Refusal => {
    const max = limits[limit];
    return { limit, max, current, retryAfterMs: roomAfterMs(core, current + count - max, max, count) };
  };
  if (queueClass === "async") {
    return unfinished + count > limits.pendingAsyncInputs ? refused("pendingAsyncInputs", unfinished) : null;
  }
  if (unfinished + count > limits.syncInputs) return refused("syncInputs", unfinished);
  // What has a place in a container does not wait; the rest does, wherever it is.
  const waiting = Math.max(0, unfinished - core.begun.sync);
  return waiting + count > limits.pendingSyncInputs ? refused("pendingSyncInputs", waiting) : null;
}

const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 60_000;
/** An execution takes so long as long as none has been measured. */
const UNMEASURED_RUN_MS = 1_000;

/** When so many of the inputs will have ended, by the measured execution time and the slots there are. */
function roomAfterMs(core: FunctionCore, excess: number, max: number, count: number): number | null {
  if (count > max) return null;
  let slots = 0;
  for (const container of core.containers.values()) if (container.state === "ready") slots += container.slots;
  const runMs = core.runMs ?? UNMEASURED_RUN_MS;
  const waitMs = Math.ceil((excess * runMs) / Math.max(1, slots));
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, waitMs));
}
