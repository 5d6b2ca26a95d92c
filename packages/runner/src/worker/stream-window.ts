/** How far a generator may run ahead of its caller: `STREAM_WINDOW` values or bytes; one value may be larger than all. */
import { STREAM_WINDOW } from "@bellows/protocol/frame-parts";

export class StreamWindow {
  /** Sizes of the values written and not yet taken, oldest first. */
  readonly #sizes: number[] = [];
  #bytes = 0;
  #taken = 0;
  #wake: (() => void) | undefined;

  /** How many values were written; the number of the next one. */
  get written(): number {
    return this.#taken + this.#sizes.length;
  }

  get hasRoom(): boolean {
    return this.#sizes.length < STREAM_WINDOW.values && this.#bytes < STREAM_WINDOW.bytes;
  }

  wrote(byteLength: number): void {
    this.#sizes.push(byteLength);
    this.#bytes += byteLength;
  }

  /** The caller has the first `received` values. */
  took(received: number): void {
    const count = Math.min(received - this.#taken, this.#sizes.length);
    if (count <= 0) return;
    for (const byteLength of this.#sizes.splice(0, count)) this.#bytes -= byteLength;
    this.#taken += count;
    if (this.hasRoom) this.wake();
  }

  /** Resolves when there is room, or at the next `wake`. */
  async room(): Promise<void> {
    if (!this.hasRoom) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
