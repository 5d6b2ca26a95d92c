/**
 * Which outputs of a call have come. Outputs may come in any order and, after a reconnect, twice; what is kept is one
 * number and the few indexes beyond it.
 */
export class ReceivedIndexes {
  #lowestMissing: number;
  #beyond: Set<number> | undefined;
  #count = 0;

  constructor(fromIndex = 0) {
    this.#lowestMissing = fromIndex;
  }

  /** Everything below this index has come. */
  get lowestMissing(): number {
    return this.#lowestMissing;
  }

  /** How many different indexes have come. */
  get count(): number {
    return this.#count;
  }

  /** False when this index had come before. */
  add(index: number): boolean {
    if (index < this.#lowestMissing || this.#beyond?.has(index)) return false;
    this.#count += 1;
    if (index > this.#lowestMissing) {
      this.#beyond ??= new Set();
      this.#beyond.add(index);
      return true;
    }
    this.#lowestMissing += 1;
    while (this.#beyond?.delete(this.#lowestMissing)) this.#lowestMissing += 1;
    return true;
  }
}
