/**
 * Runs generators: each value is written as soon as it is yielded and before the generator goes on, so those before a
 * crash are not lost. A caller that does not take them stops the generator and nothing else in this process.
 */
import { InvalidError } from "@bellows/protocol/errors";
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { encodeValue } from "@bellows/protocol/values";
import type { WorkerFrame } from "@bellows/protocol/worker-frames";
import { keyOf, type RunningInput } from "./running-input.ts";
import { StreamWindow } from "./stream-window.ts";

export class Streams {
  readonly #write: (frame: WorkerFrame) => void;
  readonly #windows = new Map<string, StreamWindow>();

  constructor(write: (frame: WorkerFrame) => void) {
    this.#write = write;
  }

  /** The caller of a running generator has its first `received` values. */
  take(attempt: AttemptRef, received: number): void {
    this.#windows.get(keyOf(attempt))?.took(received);
  }

  /** Writes what the generator yields to its end, and resolves with how many values that were. */
  async run(input: RunningInput, generator: unknown): Promise<number> {
    const iterator = iteratorOf(generator);
    const key = keyOf(input.ref);
    const window = new StreamWindow();
    const { signal } = input;
    let returned: Promise<unknown> | undefined;
    // An async generator heeds it when it yields next; its signal is what interrupts an await in it.
    const stop = () => {
      returned = returnOf(iterator);
      returned.catch(() => {});
      window.wake();
    };
    this.#windows.set(key, window);
    signal.addEventListener("abort", stop);
    try {
      for (;;) {
        await window.room();
        const step = signal.aborted ? undefined : await iterator.next();
        if (returned) await returned;
        signal.throwIfAborted();
        if (!step || step.done) return window.written;
        await this.#yield(input, window, step.value, iterator);
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#windows.delete(key);
    }
  }

  async #yield(input: RunningInput, window: StreamWindow, value: unknown, iterator: AsyncIterator<unknown>) {
    let bytes: Uint8Array;
    try {
      bytes = encodeValue(value);
    } catch (error) {
      // Its own clean-up may fail, too; what cannot travel is what the caller has to hear of.
      await returnOf(iterator).catch(() => {});
      throw error;
    }
    this.#write({ type: "yields", attempt: input.ref, firstSeq: window.written, values: [bytes] });
    window.wrote(bytes.byteLength);
  }
}

async function returnOf(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}

function iteratorOf(generator: unknown): AsyncIterator<unknown> {
  if (isAsyncIterable(generator)) return generator[Symbol.asyncIterator]();
  if (isIterable(generator)) return yieldAll(generator);
  throw new InvalidError(
    "the function yields nothing that can be iterated; write it as `async function*` or `function*`",
  );
}

/** `yield*` awaits promises among the values and hands `return` on. */
async function* yieldAll(values: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* values;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
