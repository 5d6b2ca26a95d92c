/**
 * What one client link watches. A call may be watched several times at once, from different indexes: each watch first
 * gets what is stored, then one of them is enough for all that comes. Kept true: `finished` is sent after the outputs
 * that any watch of the call was still owed.
 */

import type { CallListener } from "../engine/call-listener.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { Watch } from "../engine/watch.ts";

export interface LinkWatches {
  start(callId: string, fromIndex: number): void;
  /** Whether something is still to be said of the call by a watch. */
  has(callId: string): boolean;
  /** Ends all watches of a call. */
  stop(callId: string): void;
  stopAll(): void;
}

interface Entry {
  watch?: Watch;
  /** It has delivered all that was stored. */
  live: boolean;
}

export function linkWatches(
  engines: Pick<EngineRegistry, "watch">,
  target: CallListener & { refused: (callId: string, error: unknown) => void; room: () => Promise<void> },
): LinkWatches {
  const byCall = new Map<string, Set<Entry>>();

  function start(callId: string, fromIndex: number): void {
    const entry: Entry = { live: false };
    const entries = byCall.get(callId) ?? new Set();
    byCall.set(callId, entries.add(entry));
    const listener: CallListener = {
      output: target.output,
      finished(id, end) {
        if (leave(callId, entry)) target.finished(id, end);
      },
    };
    entry.watch = engines.watch(callId, fromIndex, listener, target.room);
    entry.watch.replayed.then(
      () => replayed(callId, entry),
      (error: unknown) => {
        leave(callId, entry);
        target.refused(callId, error);
      },
    );
  }

  /** One that is live already hears what comes; another one would only send it a second time. */
  function replayed(callId: string, entry: Entry): void {
    entry.live = true;
    for (const other of byCall.get(callId) ?? []) {
      if (other === entry || !other.live) continue;
      leave(callId, entry);
      return;
    }
  }

  /** True when it was the last one of its call. */
  function leave(callId: string, entry: Entry): boolean {
    entry.watch?.stop();
    const entries = byCall.get(callId);
    if (!entries?.delete(entry)) return false;
    if (entries.size > 0) return false;
    byCall.delete(callId);
    return true;
  }

  function stop(callId: string): void {
    for (const { watch } of byCall.get(callId) ?? []) watch?.stop();
    byCall.delete(callId);
  }

  return {
    start,
    has: (callId) => byCall.has(callId),
    stop,
    stopAll() {
      for (const callId of [...byCall.keys()]) stop(callId);
    },
  };
}
