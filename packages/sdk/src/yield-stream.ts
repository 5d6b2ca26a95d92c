/**
 * The values of a generator on their way to who takes them: each comes out once and in order, whatever is sent twice
 * or lost at a cut. It holds as many as the generator may be ahead; taking them lets it go on. Pure.
 */
import { STREAM_WINDOW } from "@bellows/protocol/frame-parts";

/** Told at the latest when so many more were taken: often enough that a generator never waits for a busy taker. */
const TELL_AFTER = { values: STREAM_WINDOW.values / 4, bytes: STREAM_WINDOW.bytes / 4 };

export class YieldStream {
  readonly #waiting: Uint8Array[] = [];
  #taken = 0;
  #told = 0;
  #untoldBytes = 0;
  /** How many values there are, once that is known. */
  #total: number | undefined;

  /** Values that have been taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Every value has come. */
  get complete(): boolean {
    return this.#total !== undefined && this.#taken + this.#waiting.length >= this.#total;
  }

  /** The generator has ended after so many values. */
  endsAt(total: number): void {
    this.#total = total;
  }

  /** False when some before these are missing, which then have to be sent again. */
  arrived(firstSeq: number, values: readonly Uint8Array[]): boolean {
    const next = this.#taken + this.#waiting.length;
    if (firstSeq > next) return false;
    this.#waiting.push(...values.slice(next - firstSeq));
    return true;
  }

  /** The next value, or `undefined` while it has not come. */
  take(): Uint8Array | undefined {
    const value = this.#waiting.shift();
    if (!value) return undefined;
    this.#taken += 1;
    this.#untoldBytes += value.byteLength;
    return value;
  }

  /** Whether it is time to say how many were taken; once for each time it is. */
  tell(): boolean {
    const untold = this.#taken - this.#told;
    const due = untold >= TELL_AFTER.values || this.#untoldBytes >= TELL_AFTER.bytes;
    if (!due && !(untold > 0 && this.#waiting.length === 0)) return false;
    this.#told = this.#taken;
    this.#untoldBytes = 0;
    return !this.complete;
  }
}
