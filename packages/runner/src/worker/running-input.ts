/** What the present code runs for, by async context: what is printed, called and cancelled belongs to it. */
import { CancelledError } from "@bellows/protocol/errors";
import type { AttemptRef, InputItem } from "@bellows/protocol/frame-parts";
import type { CurrentInput } from "@bellows/protocol/runtime-context";

/** An input as it was handed over. */
export interface InputOfCall {
  readonly callId: string;
  readonly item: InputItem;
}

/** One input, or the inputs of a batch. */
export abstract class Running implements CurrentInput {
  abstract readonly callId: string;
  abstract readonly index: number;
  abstract readonly common: CurrentInput["common"];
  readonly startedAtMs = Date.now();
  ended = false;
  #abort: AbortController | undefined;

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

export class RunningInput extends Running {
  readonly callId: string;
  readonly index: number;
  readonly attempt: number;

  constructor(callId: string, [index, attempt]: InputItem) {
    super();
    this.callId = callId;
    this.index = index;
    this.attempt = attempt;
  }

  get common(): CurrentInput["common"] {
    return "input";
  }

  get ref(): AttemptRef {
    return [this.callId, this.index, this.attempt];
  }
}

export function refOf({ callId, item: [index, attempt] }: InputOfCall): AttemptRef {
  return [callId, index, attempt];
}

export function keyOf([callId, index, attempt]: AttemptRef): string {
  return `${callId}:${index}:${attempt}`;
}
