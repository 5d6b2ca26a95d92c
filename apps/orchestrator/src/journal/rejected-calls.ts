/**
 * Calls of which a fact could never be stored, so that nothing that builds on it is stored either. Kept true: no later
 * input of such a call is written, and of one that could not be opened nothing is, for its id may be another call's.
 * Forgotten with the process: whoever opens the call again then is refused again.
 */
import type { Fact } from "./facts.ts";
import { type Entry, ownerKey } from "./group-plan.ts";

interface Reason {
  error: unknown;
  /** The call itself is not in Postgres. */
  unopened: boolean;
}

/** Those that are older have long been told, and say nothing any more. */
const REMEMBERED = 1_024;

export class RejectedCalls {
  readonly #reasons = new Map<string, Reason>();

  get size(): number {
    return this.#reasons.size;
  }

  add(owner: Entry["owner"], fact: Fact, error: unknown): void {
    const key = keyOf(owner, fact);
    const isBuiltOn = fact.type === "callOpened" || fact.type === "inputs";
    if (key === undefined || !isBuiltOn || this.#reasons.has(key)) return;
    const [oldest] = this.#reasons.keys();
    if (oldest !== undefined && this.#reasons.size >= REMEMBERED) this.#reasons.delete(oldest);
    this.#reasons.set(key, { error, unopened: fact.type === "callOpened" });
  }

  /** Why this is not to be written; undefined when nothing speaks against it. */
  reasonFor({ owner, fact, rejected }: Entry): Reason | undefined {
    const key = keyOf(owner, fact);
    const reason = key === undefined ? undefined : this.#reasons.get(key);
    return reason && (reason.unopened || rejected) ? reason : undefined;
  }
}

function keyOf(owner: Entry["owner"], fact: Fact): string | undefined {
  return "callId" in fact && fact.callId !== null ? `${ownerKey(owner)} ${fact.callId}` : undefined;
}
