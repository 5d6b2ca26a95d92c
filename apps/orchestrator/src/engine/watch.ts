/**
 * The outputs of a call from an index on: those that are stored, then those that come. A listener that begins at any
 * moment, also right after a cut, misses none; it may see one twice and tells them apart by index.
 */

import type { FactReader, Journal } from "../journal/facts.ts";
import type { CallEnd, CallListener, DeliveredOutput } from "./call-listener.ts";

const PAGE = 512;

export interface WatchedCall {
  listen(listener: CallListener): void;
  unlisten(listener: CallListener): void;
}

/**
 * Replays and then follows. `call` is the live call, or undefined when it is finished. The returned function stops
 * it; nothing is delivered after that.
 */
export function watchOutputs(
  call: WatchedCall | undefined,
  from: { callId: string; index: number },
  target: CallListener,
  facts: { journal: Journal; reader: FactReader },
): { stop: () => void; replayed: Promise<void> } {
  let stopped = false;
  let held: DeliveredOutput[] | null = [];
  let end: CallEnd | undefined;

  const listener: CallListener = {
    output(callId, output) {
      if (held) held.push(output);
      else if (!stopped) target.output(callId, output);
    },
    finished(callId, callEnd) {
      end = callEnd;
      if (!held && !stopped) target.finished(callId, callEnd);
    },
  };

  async function replay(): Promise<void> {
    await new Promise<void>((committed) => facts.journal.barrier(committed));
    for (let next = from.index; !stopped; ) {
      const page = await facts.reader.outputs(from.callId, next, PAGE);
      for (const { index, status, payload, attempts, containerId } of page) {
        if (!stopped) target.output(from.callId, [index, status, payload, attempts, containerId]);
      }
      const last = page.at(-1);
      if (!last) break;
      next = last.index + 1;
    }
    const stored = call ? undefined : await facts.reader.call(from.callId);
    if (stopped) return;
    for (const output of held ?? []) target.output(from.callId, output);
    held = null;
    if (stored && stored.state !== "running") {
      end = { state: stored.state, inputCount: stored.inputCount ?? stored.storedCount, counts: stored.counts };
    }
    if (end) target.finished(from.callId, end);
  }

  call?.listen(listener);
  return {
    stop() {
      stopped = true;
      call?.unlisten(listener);
    },
    replayed: replay(),
  };
}
