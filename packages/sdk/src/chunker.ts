/**
 * Gathers the inputs of a call into chunks for the link: at most 512 inputs, and no more than about a mebibyte of
 * values unless one value alone is larger. Indexes are dense, so a chunk is known by its first one.
 */
import { LIMITS } from "@bellows/protocol/limits";

export interface Chunk {
  firstIndex: number;
  values: Uint8Array[];
}

export class Chunker {
  #sealed: Chunk[] = [];
  #open: Chunk = { firstIndex: 0, values: [] };
  #openBytes = 0;
  #count = 0;

  /** Inputs added so far. */
  get count(): number {
    return this.#count;
  }

  /** Adds an input and returns its index. */
  add(value: Uint8Array): number {
    if (this.#openBytes > 0 && this.#openBytes + value.byteLength > LIMITS.chunkBytes) this.#seal();
    this.#open.values.push(value);
    this.#openBytes += value.byteLength;
    this.#count += 1;
    if (this.#open.values.length === LIMITS.inputsPerChunk) this.#seal();
    return this.#count - 1;
  }

  /** The chunks gathered since the last take, the unfilled one included. */
  take(): Chunk[] {
    if (this.#open.values.length > 0) this.#seal();
    const taken = this.#sealed;
    this.#sealed = [];
    return taken;
  }

  #seal(): void {
    this.#sealed.push(this.#open);
    this.#open = { firstIndex: this.#count, values: [] };
    this.#openBytes = 0;
  }
}
