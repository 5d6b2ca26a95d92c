/**
 * Outputs that the orchestrator has not acknowledged. Each has a number, one higher than the last over the
 * container's life; it is offered on every new link until an acknowledgement covers it, so that an orchestrator that
 * dies after receiving it and before storing it gets it again.
 */
import { type AttemptRef, addOfCall, type OfCall, type OutputItem } from "@bellows/protocol/frame-parts";

/** Bytes of values gathered into one frame; a larger output goes alone. */
const FRAME_BYTES = 1024 * 1024;
const FRAME_OUTPUTS = 1_024;

export interface KeptOutput {
  callId: string;
  item: OutputItem;
}

export class Outbox {
  #outputs: KeptOutput[] = [];
  /** The number of the first output kept. */
  #firstSeq = 1;
  /** How many of those kept were offered on this link. */
  #offered = 0;

  get size(): number {
    return this.#outputs.length;
  }

  refs(): AttemptRef[] {
    return this.#outputs.map(({ callId, item: [index, attempt] }) => [callId, index, attempt]);
  }

  add(callId: string, item: OutputItem): void {
    this.#outputs.push({ callId, item });
  }

  /** The orchestrator has stored everything up to this number. Returns what is forgotten. */
  acknowledge(seq: number): KeptOutput[] {
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
  take(): { firstSeq: number; outputs: OfCall<OutputItem>[] } | undefined {
    const from = this.#offered;
    const outputs: OfCall<OutputItem>[] = [];
    let to = from;
    let bytes = 0;
    for (let output = this.#outputs[to]; output && to - from < FRAME_OUTPUTS; output = this.#outputs[to]) {
      const { callId, item } = output;
      bytes += item[3].byteLength;
      if (bytes > FRAME_BYTES && to > from) break;
      addOfCall(outputs, callId, item);
      to += 1;
    }
    if (to === from) return undefined;
    this.#offered = to;
    return { firstSeq: this.#firstSeq + from, outputs };
  }
}
