/** The input that the present code runs for, by async context: what is printed, called and cancelled belongs to it. */
import { CancelledError } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem } from "@bellows/protocol/frame-parts";

export class RunningInput {
  readonly callId: string;
  readonly index: number;
  readonly attempt: number;
  readonly startedAtMs = Date.now();
  ended = false;
  #abort: AbortController | undefined;

  constructor(callId: string, [index, attempt]: InputItem) {
    this.callId = callId;
    this.index = index;
    this.attempt = attempt;
  }

  get ref(): AttemptRef {
    return [this.callId, this.index, this.attempt];
  }

  get isCancelled(): boolean {
    return this.#abort?.signal.aborted ?? false;
  }

  /** Made when first asked for: most functions never do. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  cancel(): void {
    this.#abort ??= new AbortController();
    this.#abort.abort(new CancelledError("the input was cancelled"));
  }
}

export function keyOf([callId, index, attempt]: AttemptRef): string {
  return `${callId}:${index}:${attempt}`;
}
