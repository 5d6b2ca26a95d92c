/**
 * Whether a call and its inputs are taken, asked before anything of them is stored. The judgement is the core's; here are
 * the numbers that it needs, and its refusals as errors. A restart forgets what was used of a rate, and nothing else.
 */
import { LimitExceededError } from "@bellows/protocol/errors";
import { CALL_KINDS, type QueueClass } from "@bellows/protocol/states";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import { admitInputs, createRateBucket, isFullAgain, type RateBucket, type Refusal, takeCall } from "../core/admit.ts";
import type { FunctionCore } from "../core/state.ts";
import type { CallTable, LiveCallEntry } from "./call-table.ts";

const RATE_OF_CLASS = { sync: "syncCallsPerSecond", async: "asyncCallsPerSecond" } as const;
/** Past this many, buckets that are full again are forgotten. */
const BUCKETS_REMEMBERED = 1_024;

/** What callers have used of their rates, per environment and class. */
export class RateBuckets {
  readonly #buckets = new Map<string, RateBucket>();
  #sweepAt = BUCKETS_REMEMBERED;

  /** Counts a call of this caller. @throws LimitExceededError. */
  take(rateKey: string, { environment, limits }: FunctionRecord, queueClass: QueueClass, nowMs: number): void {
    const limit = RATE_OF_CLASS[queueClass];
    const key = `${environment}/${limit}/${rateKey}`;
    let bucket = this.#buckets.get(key);
    // A rate that was set anew begins anew.
    if (bucket?.perSecond !== limits[limit]) {
      bucket = createRateBucket(limit, limits[limit], nowMs);
      this.#buckets.set(key, bucket);
      this.#sweep(nowMs);
    }
    const refusal = takeCall(bucket, nowMs);
    if (refusal) throw limitError(refusal, `this token may open ${limits[limit]} ${queueClass} calls a second`);
  }

  #sweep(nowMs: number): void {
    if (this.#buckets.size < this.#sweepAt) return;
    for (const [key, bucket] of this.#buckets) if (isFullAgain(bucket, nowMs)) this.#buckets.delete(key);
    this.#sweepAt = Math.max(BUCKETS_REMEMBERED, 2 * this.#buckets.size);
  }
}

interface AdmittingEngine {
  record: () => FunctionRecord;
  calls: CallTable;
  core: FunctionCore;
  now: () => number;
}

export class Admission {
  readonly #engine: AdmittingEngine;
  readonly #rates: RateBuckets;

  constructor(engine: AdmittingEngine, rates: RateBuckets) {
    this.#engine = engine;
    this.#rates = rates;
  }

  /** A new call, with as many inputs as it has announced. @throws LimitExceededError. */
  admitCall({ kind, rateKey }: { kind: keyof typeof CALL_KINDS; rateKey: string | null }, announced: number): void {
    const { queueClass } = CALL_KINDS[kind];
    const refusal = announced === 0 ? null : this.#refusal(queueClass, announced);
    if (refusal) throw this.#error(refusal, announced);
    // Last, so that what is refused for its size has used nothing of the rate.
    if (rateKey !== null) this.#rates.take(rateKey, this.#engine.record(), queueClass, this.#engine.now());
  }

  /** So many inputs of finished calls are to run again, which makes them unfinished. @throws LimitExceededError. */
  admitRetried(count: number): void {
    const refusal = this.#refusal("async", count);
    if (refusal) throw this.#error(refusal, count, "are to run again");
  }

  /**
   * How many of `count` more inputs of a call are taken now. All of them, but of a map as many as there is room for, with
   * what holds up the rest.
   * @throws LimitExceededError for any other call.
   */
  admitMore(entry: LiveCallEntry, count: number): { taken: number; held: LimitExceededError | null } {
    const { queueClass, manyInputs } = CALL_KINDS[entry.kind];
    const counted = Math.max(entry.received, entry.announced);
    const asked = Math.max(0, entry.received + count - counted);
    if (asked === 0) return { taken: count, held: null };
    const refusal = this.#refusal(queueClass, asked);
    if (!refusal) return { taken: count, held: null };
    if (!entry.sync || !manyInputs) throw this.#error(refusal, asked);
    const room = this.#room(queueClass, refusal);
    const rest = this.#refusal(queueClass, room + 1);
    return { taken: count - asked + room, held: this.#error(rest ?? refusal, 1) };
  }

  /** The most inputs that are not refused. */
  #room(queueClass: QueueClass, first: Refusal): number {
    for (let refusal: Refusal | null = first, room = 0; ; ) {
      if (!refusal) return room;
      room = refusal.max - refusal.current;
      if (room <= 0) return 0;
      refusal = this.#refusal(queueClass, room);
    }
  }

  #refusal(queueClass: QueueClass, count: number): Refusal | null {
    const { calls, core, record } = this.#engine;
    const unfinished = calls.outstanding(queueClass);
    return admitInputs(core, { queueClass, count, unfinished, limits: record().limits });
  }

  #error(refusal: Refusal, count: number, come = "were sent"): LimitExceededError {
    const { name } = this.#engine.record();
    const { current } = refusal;
    return limitError(refusal, `function "${name}" holds ${spell(current)} inputs, and ${spell(count)} more ${come}`);
  }
}

function limitError({ limit, max, current, retryAfterMs }: Refusal, what: string): LimitExceededError {
  const advice =
    retryAfterMs === null
      ? "send fewer at a time, or raise the limit"
      : `try again in ${retryAfterMs} ms, or raise the limit`;
  return new LimitExceededError(`${what}: above the limit ${limit} of ${spell(max)}; ${advice}`, {
    details: { limit, max, current, retryAfterMs },
  });
}

function spell(count: number): string {
  return count.toLocaleString("en");
}
