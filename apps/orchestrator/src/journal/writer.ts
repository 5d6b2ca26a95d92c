/**
 * The journal: whatever facts have piled up while one transaction ran go out as the next one (group commit). Groups
 * are written one at a time and in order, over one session of their own.
 *
 * Kept true: `committed` is called after the commit and in the order of appending; a group whose commit was not heard
 * of (Postgres or the connection died under it) is written again and changes nothing the second time; a fact of an
 * owner whose epoch is over is never written. Killed at any point, everything that was called committed is in Postgres.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ensurePartitions } from "@bellows/db/partitions";
import { InternalError } from "@bellows/protocol/errors";
import type pg from "pg";
import type { Fact, Journal, OwnerEpoch } from "./facts.ts";
import { verdictOn } from "./failure.ts";
import { type Entry, GroupPlanner, ownerKey } from "./group-plan.ts";
import { openPreparedSession } from "./prepared-session.ts";
import { RejectedCalls } from "./rejected-calls.ts";
import { standsAlone } from "./retry-call.ts";
import { runTransaction } from "./transaction.ts";

export interface JournalOptions {
  url: string;
  /** For making a partition that a fact lacks. */
  pool: pg.Pool;
  now: () => number;
  /** Another orchestrator has taken the function over: none of this owner's facts is written any more. Called once. */
  onStale: (owner: OwnerEpoch) => void;
  /** The fact can never be stored (a call of a day that was dropped, say). */
  onRejected: (owner: OwnerEpoch, fact: Fact, error: unknown) => void;
  /** Postgres could not be written to, and will be tried again after `retryMs`; or a `committed` threw (`retryMs` 0). */
  onTrouble: (error: unknown, retryMs: number) => void;
}

/** A group is bounded, so that commits are heard of while a backlog is written. Measured: more gains nothing. */
const GROUP_FACTS = 8_192;
const GROUP_BYTES = 4 * 1024 * 1024;
/** What a fact takes in memory besides its values. */
const FACT_BYTES = 128;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** How long `stop` waits for a Postgres that is away. Nothing in those facts was called committed. */
const STOP_PATIENCE_MS = 5_000;

interface Group {
  entries: Entry[];
  bytes: number;
  /** Takes no more entries, however few it has. */
  full: boolean;
  /** Called after the entries' own callbacks. */
  barriers: (() => void)[];
}

export class JournalWriter implements Journal {
  readonly #options: JournalOptions;
  readonly #planner = new GroupPlanner();
  readonly #stale = new Set<string>();
  readonly #rejected = new RejectedCalls();
  /** Full and filling groups, oldest first; `#current` is no longer among them. */
  readonly #waiting: Group[] = [];
  #current: Group | undefined;
  #pendingBytes = 0;
  #started = false;
  #writing: Promise<void> | undefined;
  #stopAtMs: number | undefined;
  #session: pg.Client | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  append(owner: OwnerEpoch, fact: Fact, committed?: () => void, rejected?: (error: unknown) => void): void {
    // What comes after the stop was never promised to anybody; what a stale owner says is not true any more.
    if (this.#stopAtMs !== undefined || (this.#stale.size > 0 && this.#stale.has(ownerKey(owner)))) return;
    const alone = standsAlone(fact);
    let group = this.#waiting.at(-1);
    if (!group || alone || group.full || group.entries.length >= GROUP_FACTS || group.bytes >= GROUP_BYTES) {
      group = { entries: [], bytes: 0, full: alone, barriers: [] };
      this.#waiting.push(group);
    }
    const bytes = FACT_BYTES + valueBytesOf(fact);
    group.entries.push({ owner, fact, committed, rejected });
    group.bytes += bytes;
    this.#pendingBytes += bytes;
    this.#wake();
  }

  barrier(committed: () => void): void {
    const last = this.#waiting.at(-1) ?? this.#current;
    if (last) last.barriers.push(committed);
    else this.#call(committed);
  }

  start(): void {
    this.#started = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopAtMs ??= this.#options.now();
    this.start();
    while (this.#writing) await this.#writing;
    await this.#closeSession();
  }

  #wake(): void {
    if (!this.#started || this.#writing || this.#waiting.length === 0) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
      this.#wake();
    });
  }

  async #writeAll(): Promise<void> {
    // Everything that this turn of the event loop still brings goes into the same group.
    await new Promise((resolve) => setImmediate(resolve));
    for (let group = this.#waiting.shift(); group; group = this.#waiting.shift()) {
      this.#current = group;
      const settled = await this.#write(group.entries);
      this.#current = undefined;
      this.#pendingBytes -= group.bytes;
      if (settled) for (const barrier of group.barriers) this.#call(barrier);
    }
  }

  /** Resolves when each entry is committed or given up, whatever it takes; false when the stop put an end to trying. */
  async #write(given: readonly Entry[]): Promise<boolean> {
    let entries = this.#withoutRejected(given);
    let plan = this.#planner.plan(entries);
    let merge = false;
    let partitionsMade = false;
    let pauseMs = FIRST_PAUSE_MS;
    while (entries.length > 0) {
      try {
        await runTransaction(await this.#openSession(), plan.steps({ merge }));
        for (const { committed } of entries) if (committed) this.#call(committed);
        return true;
      } catch (error) {
        const verdict = verdictOn(error);
        if (verdict.type === "stale") {
          entries = this.#withoutStale(entries, verdict.owners);
          plan = this.#planner.plan(entries);
        } else if (verdict.type === "merge" && !merge) {
          merge = true;
        } else if (verdict.type === "noPartition" && !partitionsMade) {
          partitionsMade = await this.#makePartitions();
        } else if (verdict.type !== "retry") {
          return this.#divide(entries, error);
        } else {
          if (this.#outOfPatience()) return false;
          this.#options.onTrouble(error, pauseMs);
          await this.#closeSession();
          await delay(pauseMs);
          pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        }
      }
    }
    return true;
  }

  /** One of the entries cannot be stored: halves until it stands alone, so that the others are. */
  async #divide(entries: readonly Entry[], error: unknown): Promise<boolean> {
    const [only] = entries;
    if (entries.length > 1) {
      const middle = entries.length >> 1;
      return (await this.#write(entries.slice(0, middle))) && (await this.#write(entries.slice(middle)));
    }
    if (only) {
      this.#options.onRejected(only.owner, only.fact, error);
      if (only.rejected) this.#rejected.add(only.owner, only.fact, error);
      this.#reject(only, error);
    }
    return true;
  }

  #withoutRejected(entries: readonly Entry[]): readonly Entry[] {
    if (this.#rejected.size === 0) return entries;
    return entries.filter((entry) => {
      const reason = this.#rejected.reasonFor(entry);
      if (reason) this.#reject(entry, reason.error);
      return reason === undefined;
    });
  }

  #reject({ committed, rejected }: Entry, error: unknown): void {
    if (rejected) this.#call(() => rejected(error));
    else if (committed) this.#call(committed);
  }

  /** @throws InternalError when that changes nothing: trying the same for ever would be worse. */
  #withoutStale(entries: readonly Entry[], stale: readonly string[]): Entry[] {
    const owners = new Map(entries.map(({ owner }) => [ownerKey(owner), owner]));
    for (const key of stale) {
      const owner = owners.get(key);
      if (!owner || this.#stale.has(key)) continue;
      this.#stale.add(key);
      this.#options.onStale(owner);
    }
    const current = entries.filter(({ owner }) => !stale.includes(ownerKey(owner)));
    if (current.length < entries.length) return current;
    throw new InternalError(`check_owners names owners that wrote nothing: ${stale.join(", ")}`);
  }

  async #makePartitions(): Promise<boolean> {
    try {
      await ensurePartitions(this.#options.pool, this.#options.now());
      return true;
    } catch (error) {
      this.#options.onTrouble(error, FIRST_PAUSE_MS);
      await delay(FIRST_PAUSE_MS);
      return false;
    }
  }

  async #openSession(): Promise<pg.Client> {
    if (this.#session) return this.#session;
    const session = await openPreparedSession(this.#options.url);
    session.once("end", () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }

  async #closeSession(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end().catch(() => {});
  }

  #outOfPatience(): boolean {
    return this.#stopAtMs !== undefined && this.#options.now() - this.#stopAtMs > STOP_PATIENCE_MS;
  }

  #call(committed: () => void): void {
    try {
      committed();
    } catch (error) {
      this.#options.onTrouble(error, 0);
    }
  }
}

function valueBytesOf(fact: Fact): number {
  switch (fact.type) {
    case "output":
      return fact.payload.byteLength;
    case "inputs":
      return fact.values.reduce((sum, value) => sum + value.byteLength, 0);
    case "log":
      return fact.text.length;
    case "attemptFailed":
      return fact.error.byteLength;
    default:
      return 0;
  }
}
