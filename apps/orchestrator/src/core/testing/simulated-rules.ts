/**
 * What must hold of every step of a core, judged by what it hands over.
 *
 * Numbers: the attempts of an input have growing numbers, above every one that is stored, until a restart or a retry of
 * its call, which forget hand-overs that nothing was stored of.
 * Fairness: nothing async is handed over while something sync could be. While a call waits, each other call of its
 * class is given at most one input more than it is itself. (Suspects, which run alone, are outside of the turns.)
 * Batches: none is larger than it may be, and no input has waited for longer than it may while a slot is free.
 */
import { countItems, refsOf } from "@bellows/protocol/frame-parts";
import type { Effect } from "../events.ts";
import { isSuspect } from "../retry.ts";
import type { Call, FunctionCore } from "../state.ts";

type Run = Extract<Effect, { type: "run" }>;

export class Rules {
  readonly #stored: { lastAttempt(callId: string, index: number): number };
  readonly #numbers = new Map<string, number>();
  /** For each call that waits, how many inputs more than it each other one has been given since. */
  readonly #ahead = new Map<Call, Map<string, number>>();

  constructor(stored: { lastAttempt(callId: string, index: number): number }) {
    this.#stored = stored;
  }

  /** The call was retried: hand-overs that were not stored are forgotten. */
  retried(callId: string, indexes: readonly number[]): void {
    for (const index of indexes) this.#numbers.delete(`${callId}:${index}`);
  }

  /** @throws Error naming the rule that is broken. */
  check(core: FunctionCore, effects: readonly Effect[], nowMs: number): void {
    const given = new Map<string, number>();
    for (const effect of effects) {
      if (effect.type !== "run") continue;
      this.#checkNumbers(effect);
      if (core.containers.get(effect.containerId)?.alone) continue;
      for (const [callId, items] of effect.inputs) given.set(callId, (given.get(callId) ?? 0) + items.length);
    }
    this.#checkClasses(core, given);
    this.#checkTurns(core, given);
    if (core.settings.batched) checkBatches(core, core.settings.batched, effects, nowMs);
  }

  #checkNumbers({ inputs }: Run): void {
    for (const [callId, index, attempt] of refsOf(inputs)) {
      const key = `${callId}:${index}`;
      const before = Math.max(this.#numbers.get(key) ?? 0, this.#stored.lastAttempt(callId, index));
      if (attempt <= before) throw new Error(`attempt ${attempt} of ${key} follows attempt ${before}`);
      this.#numbers.set(key, attempt);
    }
  }

  #checkClasses(core: FunctionCore, given: ReadonlyMap<string, number>): void {
    if (!core.rounds.sync.head) return;
    for (const callId of given.keys()) {
      if (core.calls.get(callId)?.queueClass === "async") throw new Error(`${callId} went before a sync call`);
    }
  }

  #checkTurns(core: FunctionCore, given: ReadonlyMap<string, number>): void {
    for (const [call, ahead] of this.#ahead) {
      if (!call.inRound) {
        this.#ahead.delete(call);
        continue;
      }
      const own = given.get(call.callId) ?? 0;
      for (const [callId, lead] of ahead) if (!given.has(callId)) ahead.set(callId, Math.max(0, lead - own));
      for (const [callId, count] of given) {
        if (callId === call.callId || core.calls.get(callId)?.queueClass !== call.queueClass) continue;
        const lead = Math.max(0, (ahead.get(callId) ?? 0) + count - own);
        if (lead > 1) throw new Error(`${callId} was given ${lead} inputs more than ${call.callId}, which waits`);
        ahead.set(callId, lead);
      }
    }
    for (const round of Object.values(core.rounds)) {
      for (let call = round.head; call; call = call.next) if (!this.#ahead.has(call)) this.#ahead.set(call, new Map());
    }
  }
}

function checkBatches(
  core: FunctionCore,
  { maxBatchSize, waitMs }: { maxBatchSize: number; waitMs: number },
  effects: readonly Effect[],
  nowMs: number,
): void {
  for (const effect of effects) {
    const size = effect.type === "run" ? countItems(effect.inputs) : 0;
    if (size > maxBatchSize) throw new Error(`a batch of ${size}, although ${maxBatchSize} is the most`);
  }
  if (core.freeContainers === 0 || core.recovering) return;
  for (const { inputs, inRound } of core.calls.values()) {
    if (!inRound) continue;
    for (const { place, queuedAtMs, index, lostAttempts } of inputs.values()) {
      if (place !== "queued" || isSuspect({ lostAttempts })) continue;
      if (nowMs - queuedAtMs > waitMs) throw new Error(`input ${index} waits for ${nowMs - queuedAtMs} ms`);
    }
  }
}
