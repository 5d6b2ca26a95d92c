/**
 * Outputs that the orchestrator has not acknowledged. Each has a number, one higher than the last over the
 * container's life; it is offered on every new link until an acknowledgement covers it, so that an orchestrator that
 * dies after receiving it and before storing it gets it again.
 */
import type { AttemptRef, OutputItem } from "@bellows/protocol/frame-parts";

/** Bytes of values gathered into one frame; a larger output goes alone. */
const FRAME_BYTES = 1024 * 1024;
const FRAME_OUTPUTS = 1_024;

export class Outbox {
  #outputs: OutputItem[] = [];
  /** The number of the first output kept. */
  #firstSeq = 1;
  /** How many of those kept were offered on this link. */
  #offered = 0;

  get size(): number {
    return this.#outputs.length;
  }

  refs(): AttemptRef[] {
    return this.#outputs.map(([callId, index, attempt]) => [callId, index, attempt]);
  }

  add(output: OutputItem): void {
    this.#outputs.push(output);
  }

  /** The orchestrator has stored everything up to this number. Returns what is forgotten. */
  acknowledge(seq: number): OutputItem[] {
    const count = Math.max(0, Math.min(seq - this.#firstSeq + 1, this.#outputs.length));
    this.#firstSeq += count;
    this.#offered = Math.max(0, this.#offered - count);
    return this.#outputs.splice(0, count);
  }

  /** The link is new: offer everything again. */
  rewind(): void {
    this.#offered = 0;
  }

  /** The next outputs to offer on this link, as one frame's worth. */
  take(): { firstSeq: number; outputs: OutputItem[] } | undefined {
    const from = this.#offered;
    let to = from;
    let bytes = 0;
    for (let output = this.#outputs[to]; output && to - from < FRAME_OUTPUTS; output = this.#outputs[to]) {
      bytes += output[4].byteLength;
      if (bytes > FRAME_BYTES && to > from) break;
      to += 1;
    }
    if (to === from) return undefined;
    this.#offered = to;
    return { firstSeq: this.#firstSeq + from, outputs: this.#outputs.slice(from, to) };
  }
}
