/**
 * Values that generators have yielded and their callers have not taken, in order, per attempt. They are offered once on
 * a link, and again on the next one or when somebody asks; so neither a cut link nor a worker that hangs or dies loses
 * one. How many there are is bounded by the worker, which waits for `take` (`STREAM_WINDOW`).
 */
import type { AgentFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef } from "@bellows/protocol/frame-parts";

type YieldsFrame = Extract<AgentFrame, { type: "yields" }>;
type AttemptLike = readonly [callId: string, index: number, attempt: number, ...unknown[]];

export type StreamValues = Pick<YieldsFrame, "attempt" | "firstSeq" | "values">;

interface Stream {
  readonly attempt: AttemptRef;
  /** The number of the first value kept. */
  firstSeq: number;
  values: Uint8Array[];
  /** How many of those kept were offered on this link. */
  offered: number;
}

/** Bytes of values gathered into the frames of one message; a larger value goes alone. */
const MESSAGE_BYTES = 1024 * 1024;

export class Streams {
  readonly #streams = new Map<string, Stream>();
  readonly #unsent = new Set<Stream>();

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
      const made: Stream = { attempt, firstSeq, values: [...values], offered: 0 };
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
    this.#noteUnsent(stream);
  }

  /** Whether this attempt has yielded anything: if so, nobody may try it again. */
  knows(attempt: AttemptLike): boolean {
    return this.#streams.size > 0 && this.#streams.has(keyOf(attempt));
  }

  /** Its caller needs no value of it any more, or will get no more. */
  forget(attempts: Iterable<AttemptLike>): void {
    if (this.#streams.size === 0) return;
    for (const attempt of attempts) {
      const stream = this.#streams.get(keyOf(attempt));
      if (!stream) continue;
      this.#streams.delete(keyOf(attempt));
      this.#unsent.delete(stream);
    }
  }

  /** The link is new: what is not taken may have been lost with the old one. */
  rewind(): void {
    for (const stream of this.#streams.values()) {
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

  #noteUnsent(stream: Stream): void {
    if (stream.offered < stream.values.length) this.#unsent.add(stream);
    else this.#unsent.delete(stream);
  }
}

function keyOf([callId, index, attempt]: AttemptLike): string {
  return `${callId}:${index}:${attempt}`;
}
