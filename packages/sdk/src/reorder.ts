/**
 * Puts outputs that arrive in any order back into the order of their inputs. It holds at most `capacity` of them:
 * whoever sends inputs keeps fewer than that many sent and not yet taken.
 */
import { InternalError } from "@bellows/protocol/errors";

export class ReorderBuffer<T> {
  readonly #slots: (T | undefined)[];
  #next = 0;

  constructor(capacity: number) {
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  /** Puts the item of this index, which must not be `undefined`. */
  put(index: number, item: T): void {
    if (index < this.#next || index >= this.#next + this.#slots.length) {
      throw new InternalError(
        `output ${index} is outside of the window ${this.#next}..${this.#next + this.#slots.length - 1}`,
      );
    }
    this.#slots[index % this.#slots.length] = item;
  }

  /** The next item in order, or `undefined` while it has not come. */
  take(): T | undefined {
    const slot = this.#next % this.#slots.length;
    const item = this.#slots[slot];
    if (item === undefined) return undefined;
    this.#slots[slot] = undefined;
    this.#next += 1;
    return item;
  }
}

/** The same interface without the order: items come out as they came in. */
export class ArrivalBuffer<T> {
  #items: T[] = [];
  #taken = 0;

  put(_index: number, item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    if (this.#taken < this.#items.length) return this.#items[this.#taken++];
    if (this.#taken > 0) {
      this.#items = [];
      this.#taken = 0;
    }
    return undefined;
  }
}
