/**
 * The results of a stored call in order, page by page: one page is read ahead of the one that is being taken, so a
 * slow taker costs two pages of memory and a fast one waits for no round trip. Leaving them cancels nothing.
 */
import { LIMITS } from "@bellows/protocol/limits";
import type { Connection, Wire } from "./connection.ts";
import type { CallOutput } from "./link-call.ts";
import type { OutputPage } from "./link-read.ts";
import type { MapResults } from "./map.ts";
import { missingOutput, readPage } from "./stored-outputs.ts";

export interface ResultsOptions {
  /** Index of the first result; 0 by default. */
  from?: number | undefined;
  /** Errors take the place of results instead of ending the reading. */
  returnExceptions?: boolean | undefined;
  /** Stops the reading; the call goes on. */
  signal?: AbortSignal | undefined;
}

export function storedResults<R>(
  connect: () => Connection,
  callId: string,
  { from = 0, returnExceptions = false, signal }: ResultsOptions,
): MapResults<R> {
  const leaving = new AbortController();
  const stop = signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal;
  const outputs = outputsFrom(connect, callId, from, { signal: stop, leave: () => leaving.abort() });
  const decoded = async function* (): AsyncGenerator<R, undefined> {
    for await (const { wire, output } of outputs) {
      const outcome = wire.payloads.outcomeOf(callId, output);
      if (!outcome.ok && !returnExceptions) throw outcome.error;
      // `spawnMap` and the caller of `fromId` say what the results are; they travelled as bytes.
      yield (outcome.ok ? outcome.value : outcome.error) as R;
    }
    return undefined;
  };
  const results = decoded();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => results.next(),
    return() {
      // A read that is waited for would hold the return up until it is answered.
      leaving.abort();
      return results.return(undefined);
    },
    async toArray() {
      const all: R[] = [];
      for await (const result of results) all.push(result);
      return all;
    },
  };
}

async function* outputsFrom(
  connect: () => Connection,
  callId: string,
  from: number,
  { signal, leave }: { signal: AbortSignal; leave: () => void },
): AsyncGenerator<{ wire: Wire; output: CallOutput }> {
  const connection = connect();
  const wire = connection.wire ?? (await connection.connect());
  const ahead = (index: number): Promise<OutputPage> => {
    const page = readPage(wire, { callId, fromIndex: index, limit: LIMITS.inputsPerChunk }, { signal });
    page.catch(thrownWhenTaken);
    return page;
  };
  let next = from;
  let coming: Promise<OutputPage> | undefined = ahead(next);
  try {
    while (coming) {
      const { outputs, end }: OutputPage = await coming;
      coming = undefined;
      next += outputs.length;
      const isLast = end !== null && next >= end.inputCount;
      if (end && !isLast && outputs.length === 0) throw missingOutput(callId, next, end);
      if (!isLast) coming = ahead(next);
      for (const output of outputs) yield { wire, output };
    }
  } finally {
    leave();
  }
}

/** A page read ahead that fails is heard of when its turn comes, or never. */
function thrownWhenTaken(): void {}
