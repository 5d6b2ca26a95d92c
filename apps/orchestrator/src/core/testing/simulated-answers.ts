/**
 * What clients got in a simulated world: one output of each input, and one end of each call, of what there was. It is
 * stored a little later.
 */
import type { Effect, InputOutput } from "../events.ts";
import type { Store } from "./simulated-store.ts";

export class Answers {
  /** By `callId:index`. */
  readonly delivered = new Map<string, InputOutput>();
  readonly #store: Store;
  readonly #whenStored: (action: () => void) => void;

  constructor(store: Store, whenStored: (action: () => void) => void) {
    this.#store = store;
    this.#whenStored = whenStored;
  }

  /** @throws Error when nobody asked for it, or has it. */
  output(output: InputOutput): void {
    const key = `${output.callId}:${output.index}`;
    const call = this.#store.calls.get(output.callId);
    if (!call) throw new Error(`output of ${key}, a call that nobody made`);
    if (output.index >= call.storedCount) throw new Error(`output of ${key}, an input that nobody gave`);
    if (this.delivered.has(key)) throw new Error(`second output of ${key}`);
    this.delivered.set(key, output);
    this.#whenStored(() => {
      if (!call.outputs.has(output.index)) call.outputs.set(output.index, output);
    });
  }

  /** @throws Error when it has ended before, or not all of it was counted. */
  finished({ callId, inputCount, counts }: Extract<Effect, { type: "callFinished" }>): void {
    const call = this.#store.calls.get(callId);
    if (!call || call.finished) throw new Error(`${callId} finished twice`);
    const sum = counts.succeeded + counts.failed + counts.cancelled;
    if (sum !== inputCount) throw new Error(`${callId} finished with ${sum} of ${inputCount} inputs counted`);
    // Its outputs were asked to be stored before it.
    this.#whenStored(() => {
      call.finished = true;
      call.inputCount = inputCount;
    });
  }

  /** These inputs of the call run again. */
  retried(callId: string, indexes: readonly number[]): void {
    for (const index of indexes) this.delivered.delete(`${callId}:${index}`);
  }

  /** The orchestrator was killed: what was not stored may be delivered once more. */
  forget(): void {
    this.delivered.clear();
  }

  /** @throws Error naming the first call that is not over, or lacks outputs. */
  checkFinished(): void {
    for (const { callId, finished, outputs, cancelled, inputCount, storedCount } of this.#store.calls.values()) {
      const expected = cancelled && inputCount === null ? storedCount : inputCount;
      if (!finished) throw new Error(`${callId} never finished: ${outputs.size} of ${expected} inputs have`);
      if (outputs.size !== expected) {
        throw new Error(`${callId} finished with ${outputs.size} outputs of ${expected} inputs`);
      }
    }
  }
}
