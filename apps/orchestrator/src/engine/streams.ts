/**
 * The values of generators on their way from a container to a caller. Nothing of them is kept here: the container keeps
 * them until they are taken, so what was lost with a link, on either side, is sent again from there. Lost with this
 * process: nothing but where each stream comes from, which its container and its caller say again when they link up.
 */
import type { CommandFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallListener } from "./call-listener.ts";
import type { CallTable } from "./call-table.ts";

type Taker = Pick<CallListener, "yielded">;

interface Stream {
  /** The attempt that yields, and its container; null before it was heard of. */
  source: { attempt: AttemptRef; containerId: string } | null;
  /** What the caller has taken, as it said last. */
  received: number;
  /** The call is over; its values are there for a caller who has to come back. */
  overAtMs: number | null;
  /** Who took last: of a call that is over nobody else listens. */
  taker: Taker | null;
}

export class Streams {
  readonly #calls: CallTable;
  readonly #send: (containerId: string, frame: CommandFrame) => boolean;
  readonly #now: () => number;
  readonly #streams = new Map<string, Stream>();

  /** `send` says whether there is such a container. */
  constructor(engine: {
    calls: CallTable;
    send: (containerId: string, frame: CommandFrame) => boolean;
    now: () => number;
  }) {
    this.#calls = engine.calls;
    this.#send = engine.send;
    this.#now = engine.now;
  }

  /** A container has yielded. Values that nobody listens to stay with it. */
  yielded(containerId: string, attempt: AttemptRef, firstSeq: number, values: readonly Uint8Array[]): void {
    const [callId] = attempt;
    const stream = this.#of(callId);
    stream.source = { attempt, containerId };
    const entry = this.#calls.get(callId);
    if (entry) return entry.audience.yielded(firstSeq, values);
    // Also of a call that was over before this process began: its caller may come for what it lacks.
    stream.overAtMs ??= this.#now();
    stream.taker?.yielded(callId, firstSeq, values);
  }

  has(callId: string): boolean {
    return this.#streams.has(callId) || this.#calls.get(callId)?.kind === "remoteGen";
  }

  /** The caller has taken so many. False when it asks for what was lost and nobody has it any more. */
  take(callId: string, { received, resend }: { received: number; resend: boolean }, taker: Taker): boolean {
    const stream = this.#calls.get(callId) ? this.#of(callId) : this.#streams.get(callId);
    if (!stream) return !resend;
    stream.received = Math.max(stream.received, received);
    stream.taker = taker;
    return this.#forward(stream, resend) || stream.overAtMs === null || !resend;
  }

  /** The values after those that were taken have not reached their caller. */
  resend(callId: string): void {
    const stream = this.#streams.get(callId);
    if (stream) this.#forward(stream, true);
  }

  /** A container has linked up and holds these: what was on its way may be lost. */
  linked(containerId: string, held: readonly AttemptRef[]): void {
    for (const attempt of held) {
      const [callId] = attempt;
      if (this.#calls.get(callId)?.kind !== "remoteGen") continue;
      const stream = this.#of(callId);
      stream.source = { attempt, containerId };
      this.#forward(stream, true);
    }
    for (const stream of this.#streams.values()) {
      if (stream.overAtMs !== null && stream.source?.containerId === containerId) this.#forward(stream, true);
    }
  }

  /** The call has its output, which may have overtaken values that were lost. */
  over(callId: string): void {
    const stream = this.#streams.get(callId);
    if (stream) stream.overAtMs = this.#now();
  }

  /** Forgets streams whose caller has had the time to come back. Call it about once a second. */
  forgetOver(): void {
    const nowMs = this.#now();
    for (const [callId, { overAtMs }] of this.#streams) {
      if (overAtMs !== null && nowMs - overAtMs > LIMITS.vanishedCallerMs) this.#streams.delete(callId);
    }
  }

  #of(callId: string): Stream {
    const known = this.#streams.get(callId);
    if (known) return known;
    const stream: Stream = { source: null, received: 0, overAtMs: null, taker: null };
    this.#streams.set(callId, stream);
    return stream;
  }

  #forward({ source, received }: Stream, resend: boolean): boolean {
    return (
      source !== null && this.#send(source.containerId, { type: "take", attempt: source.attempt, received, resend })
    );
  }
}
