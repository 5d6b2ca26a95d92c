/**
 * Where a call is: running on an engine of this process, which is made if need be, or over. Who is confined to one
 * environment finds no call of another.
 */
import { ConnectionError } from "@bellows/protocol/errors";
import { isId } from "@bellows/protocol/ids";
import { CALL_KINDS, isFinishedCall } from "@bellows/protocol/states";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import type { FactReader, Journal } from "../journal/facts.ts";
import type { LiveCallEntry } from "./call-table.ts";
import type { EngineSet } from "./engine-set.ts";
import type { FunctionEngine } from "./function-engine.ts";
import { missingCall } from "./missing-call.ts";
import type { FoundCall } from "./reads.ts";
import type { StoredCall } from "./retry-call.ts";

export interface CallFinderDeps {
  reader: Pick<FactReader, "call">;
  directory: Pick<FunctionDirectory, "byId">;
  journal: Pick<Journal, "barrier">;
  /** How long calls are kept. */
  retentionMs: number;
  now: () => number;
}

/** Only calls of this environment are seen; null for all. */
export type Scope = string | null;

interface Running {
  engine: FunctionEngine;
  entry: LiveCallEntry;
}

export class CallFinder {
  readonly #set: EngineSet;
  readonly #deps: CallFinderDeps;

  constructor(set: EngineSet, deps: CallFinderDeps) {
    this.#set = set;
    this.#deps = deps;
  }

  /** @throws NotFoundError, OutputExpiredError; ConnectionError when it is not to be found out just now. */
  async find(callId: string, scope: Scope): Promise<FoundCall> {
    const found = this.#loaded(callId, scope) ?? (await this.#made(callId, scope));
    if ("end" in found) return { live: null, ...found };
    const { engine, entry } = found;
    const { audience, sync } = entry;
    return {
      sync,
      live: entry,
      listen: (listener) => audience.listen(listener),
      unlisten: (listener) => audience.unlisten(listener, engine.now()),
      await(index, waiter) {
        audience.await(index, waiter);
        return () => audience.unawait(index, waiter, engine.now());
      },
      committed: () => engine.committed(),
    };
  }

  /** The engine that a call runs on; undefined for one that is over. @throws as `find`. */
  async engineOf(callId: string, scope: Scope): Promise<FunctionEngine | undefined> {
    const found = this.#loaded(callId, scope) ?? (await this.#made(callId, scope));
    return "engine" in found ? found.engine : undefined;
  }

  /** A call as it is stored. @throws NotFoundError, OutputExpiredError. */
  async stored(callId: string, scope: Scope): Promise<StoredCall> {
    await new Promise<void>((resolve) => this.#deps.journal.barrier(resolve));
    const call = isId(callId) ? await this.#deps.reader.call(callId) : undefined;
    const outOfScope =
      call && scope !== null && (await this.#deps.directory.byId(call.functionId))?.environment !== scope;
    if (!call || outOfScope) throw this.#missing(callId);
    return call;
  }

  #loaded(callId: string, scope: Scope): Running | undefined {
    const engine = this.#set.ofCall(callId);
    const entry = engine?.calls.get(callId);
    if (!engine || !entry) return undefined;
    if (scope !== null && engine.record.environment !== scope) throw this.#missing(callId);
    return { engine, entry };
  }

  /** A call that no loaded engine has: one that is over, or of a function whose engine has to be made. */
  async #made(callId: string, scope: Scope) {
    const { functionId, kind, state, inputCount, storedCount, counts } = await this.stored(callId, scope);
    const sync = CALL_KINDS[kind].queueClass === "sync";
    if (isFinishedCall(state)) return { sync, end: { state, inputCount: inputCount ?? storedCount, counts } };
    const engine = await this.#set.ensure(functionId);
    const entry = engine.calls.get(callId);
    if (entry) return { engine, entry };
    throw new ConnectionError(`call ${callId} is just ending; ask again`);
  }

  #missing(callId: string): Error {
    const { now, retentionMs } = this.#deps;
    return missingCall(callId, { nowMs: now(), retentionMs });
  }
}
