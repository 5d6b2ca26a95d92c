/**
 * Values that generators have yielded and their callers have not taken, in order, per attempt. They are offered once on
 * a link, and again on the next one or when somebody asks; so neither a cut link nor a worker that hangs or dies loses
 * one. How many there are is bounded by the worker, which waits for `take` (`STREAM_WINDOW`). Those of a generator whose
 * output is stored are kept for a while, for a caller who lost its link at that moment.
 */
import type { AgentFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import type { KeptOutput } from "./outbox.ts";

type YieldsFrame = Extract<AgentFrame, { type: "yields" }>;

export type StreamValues = Pick<YieldsFrame, "attempt" | "firstSeq" | "values">;

interface Stream {
  readonly attempt: AttemptRef;
  /** The number of the first value kept. */
  firstSeq: number;
  values: Uint8Array[];
  /** How many of those kept were offered on this link. */
  offered: number;
  /** Since when the output is stored, and bytes of the values that are kept all the same. */
  settled: { atMs: number; bytes: number } | null;
}

/** Bytes of values gathered into the frames of one message; a larger value goes alone. */
const MESSAGE_BYTES = 1024 * 1024;
/** What is kept at most of generators whose outputs are stored. */
const SETTLED_BYTES = 16 * 1024 * 1024;
const SETTLED_STREAMS = 1_000;

export class Streams {
  readonly #streams = new Map<string, Stream>();
  readonly #unsent = new Set<Stream>();
  /** Oldest first. */
  readonly #settled = new Set<Stream>();
  #settledBytes = 0;

  /** Whether values wait to be offered on this link. */
  get hasUnsent(): boolean {
    return this.#unsent.size > 0;
  }

  add({ attempt, firstSeq, values }: StreamValues): void {
    const key = keyOf(attempt);
    const stream = this.#streams.get(key);
    if (stream) {
      stream.values.push(...values);
      this.#unsent.add(stream);
    } else {
      const made: Stream = { attempt, firstSeq, values: [...values], offered: 0, settled: null };
      this.#streams.set(key, made);
      this.#unsent.add(made);
    }
  }

  /** The caller has the first `received` values; with `resend` it may lack those after them that were sent. */
  take(attempt: AttemptRef, received: number, resend: boolean): void {
    const stream = this.#streams.get(keyOf(attempt));
    if (!stream) return;
    const count = Math.max(0, Math.min(received - stream.firstSeq, stream.values.length));
    stream.values.splice(0, count);
    stream.firstSeq += count;
    stream.offered = resend ? 0 : Math.max(0, stream.offered - count);
    if (stream.settled && stream.values.length === 0) this.#drop(stream);
    else this.#noteUnsent(stream);
  }

  /** Whether this attempt has yielded anything: if so, nobody may try it again. */
  knows(attempt: AttemptRef): boolean {
    return this.#streams.size > 0 && this.#streams.has(keyOf(attempt));
  }

  /** Their callers will get no more values. */
  forget(attempts: Iterable<AttemptRef>): void {
    for (const attempt of attempts) {
      const stream = this.#streams.get(keyOf(attempt));
      if (stream) this.#drop(stream);
    }
  }

  /** These outputs are stored: values that were not taken are of use only to a caller who comes back soon. */
  settle(outputs: readonly KeptOutput[], nowMs: number): void {
    if (this.#streams.size === 0) return;
    for (const { callId, item } of outputs) {
      const [index, attempt, status] = item;
      const stream = this.#streams.get(keyOf([callId, index, attempt]));
      if (!stream) continue;
      if (status !== OUTPUT_STATUS.succeeded || stream.values.length === 0) {
        this.#drop(stream);
        continue;
      }
      // As copies: each value is a view of all that came through the pipe with it.
      stream.values = stream.values.map((value) => new Uint8Array(value));
      const bytes = stream.values.reduce((sum, value) => sum + value.byteLength, 0);
      stream.settled = { atMs: nowMs, bytes };
      this.#settledBytes += bytes;
      this.#settled.add(stream);
    }
    this.prune(nowMs);
  }

  /** Drops values whose callers have had the time to come back. */
  prune(nowMs: number): void {
    for (const stream of this.#settled) {
      const isOver = this.#settledBytes > SETTLED_BYTES || this.#settled.size > SETTLED_STREAMS;
      if (!isOver && nowMs - (stream.settled?.atMs ?? 0) <= LIMITS.vanishedCallerMs) return;
      this.#drop(stream);
    }
  }

  /** The link is new: what is not taken may have been lost with the old one. */
  rewind(): void {
    for (const stream of this.#streams.values()) {
      // Whoever needs one that is settled asks for it.
      if (stream.settled) continue;
      stream.offered = 0;
      this.#noteUnsent(stream);
    }
  }

  /** The next values to offer on this link, as one message's worth; none while nothing waits. */
  next(): YieldsFrame[] {
    const frames: YieldsFrame[] = [];
    let bytes = 0;
    for (const stream of this.#unsent) {
      const from = stream.offered;
      let to = from;
      for (let value = stream.values[to]; value; value = stream.values[to]) {
        bytes += value.byteLength;
        if (bytes > MESSAGE_BYTES && (to > from || frames.length > 0)) break;
        to += 1;
      }
      if (to > from) {
        stream.offered = to;
        const { attempt, firstSeq, values } = stream;
        frames.push({ type: "yields", attempt, firstSeq: firstSeq + from, values: values.slice(from, to) });
      }
      if (bytes > MESSAGE_BYTES) break;
    }
    for (const { attempt } of frames) {
      const stream = this.#streams.get(keyOf(attempt));
      if (stream) this.#noteUnsent(stream);
    }
    return frames;
  }

  #drop(stream: Stream): void {
    this.#streams.delete(keyOf(stream.attempt));
    this.#unsent.delete(stream);
    if (!stream.settled) return;
    this.#settled.delete(stream);
    this.#settledBytes -= stream.settled.bytes;
  }

  #noteUnsent(stream: Stream): void {
    if (stream.offered < stream.values.length) this.#unsent.add(stream);
    else this.#unsent.delete(stream);
  }
}

function keyOf([callId, index, attempt]: AttemptRef): string {
  return `${callId}:${index}:${attempt}`;
}
