/**
 * The outputs of a call from an index on: those that are stored, then those that come. A listener that begins at any
 * moment, also right after a cut, misses none; it may see one twice and tells them apart by index.
 */

import type { FactReader } from "../journal/facts.ts";
import type { CallEnd, CallListener, DeliveredOutput } from "./call-listener.ts";
import { readPatiently } from "./read-patiently.ts";

const PAGE = 512;

export interface WatchedCall {
  listen(listener: CallListener): void;
  unlisten(listener: CallListener): void;
}

export interface Watch {
  /** Nothing is delivered after this. Safe twice. */
  stop(): void;
  /** Resolves when what was stored has been delivered or the watch was stopped; rejects when it cannot be read. */
  readonly replayed: Promise<void>;
}

export interface WatchDeps {
  /** The live call; undefined when it is finished. @throws NotFoundError. */
  find: () => Promise<WatchedCall | undefined>;
  /** Resolves when everything that was said so far can be read. */
  committed: () => Promise<void>;
  reader: Pick<FactReader, "outputs" | "call">;
  /** Resolves when the target can take another page. */
  room?: (() => Promise<void>) | undefined;
}

/** Replays and then follows. */
export function watchOutputs(from: { callId: string; index: number }, target: CallListener, deps: WatchDeps): Watch {
  const { callId } = from;
  let stopped = false;
  let held: DeliveredOutput[] | null = [];
  let end: CallEnd | undefined;
  let call: WatchedCall | undefined;

  const listener: CallListener = {
    output(_callId, output) {
      if (held) held.push(output);
      else if (!stopped) target.output(callId, output);
    },
    finished(_callId, callEnd) {
      end = callEnd;
      if (!held && !stopped) target.finished(callId, callEnd);
    },
  };

  function stop(): void {
    stopped = true;
    held = null;
    call?.unlisten(listener);
  }

  function patiently<T>(read: () => Promise<T>): Promise<T> {
    return readPatiently(read, () => stopped);
  }

  async function replay(): Promise<void> {
    call = await patiently(deps.find);
    if (stopped) return;
    call?.listen(listener);
    await deps.committed();
    for (let next = from.index; !stopped; ) {
      const page = await patiently(() => deps.reader.outputs(callId, next, PAGE));
      for (const { index, status, payload, attempts, containerId } of page) {
        if (!stopped) target.output(callId, [index, status, payload, attempts, containerId]);
      }
      const last = page.at(-1);
      if (!last) break;
      next = last.index + 1;
      await deps.room?.();
    }
    const stored = call || stopped ? undefined : await patiently(() => deps.reader.call(callId));
    if (stopped) return;
    const waiting = held ?? [];
    held = null;
    for (const output of waiting) if (!stopped) target.output(callId, output);
    if (stored && stored.state !== "running") {
      end = { state: stored.state, inputCount: stored.inputCount ?? stored.storedCount, counts: stored.counts };
    }
    if (end && !stopped) target.finished(callId, end);
  }

  const replayed = replay().catch((error: unknown) => {
    if (stopped) return;
    stop();
    throw error;
  });
  return { stop, replayed };
}
