/** A call that was stored: an id and what can be done with it, from any program, for as long as its output is kept. */
import type { Duration } from "@bellows/protocol/duration";
import { formatDuration, parseDuration } from "@bellows/protocol/duration";
import { CancelledError, InvalidError, TimeoutError } from "@bellows/protocol/errors";
import { isId } from "@bellows/protocol/ids";
import { isFinishedCall } from "@bellows/protocol/states";
import type { CallView } from "@bellows/protocol/views";
import type { Connection, Wire } from "./connection.ts";
import { defaultConnection } from "./connection.ts";
import { endedWithoutOutput } from "./single-call.ts";

export interface GetOptions {
  /** How long to wait: for ever when left out, `0` looks once. */
  timeout?: Duration | undefined;
  /** Stops waiting; the call goes on. */
  signal?: AbortSignal | undefined;
}

export class FunctionCall<Result> {
  readonly id: string;
  readonly #connection: () => Connection;

  /** Calls come from `spawn` and `fromId`; `connection` says where they are. */
  constructor(id: string, connection: () => Connection) {
    this.id = id;
    this.#connection = connection;
  }

  /**
   * The call with this id. Nothing is asked before a method is called.
   * @throws InvalidError when the text is no id.
   */
  static fromId<Result = unknown>(id: string): FunctionCall<Result> {
    return callFromId(id, defaultConnection);
  }

  /**
   * Waits for the result; may be called again and again.
   * @throws TimeoutError when it is not there in time; what the function threw, as `remote` does; NotFoundError for an
   * unknown call; OutputExpiredError when the output is no longer kept; CancelledError when the call was cancelled.
   */
  async get(options: GetOptions = {}): Promise<Result> {
    const timeoutMs = options.timeout === undefined ? undefined : parseDuration(options.timeout);
    if (options.timeout !== undefined && timeoutMs === undefined) {
      throw new InvalidError(`timeout: ${String(options.timeout)} is not a duration; write milliseconds or "5s"`);
    }
    if (timeoutMs !== 0) return this.#wait(timeoutMs, options.signal);
    const { state } = await this.status();
    if (!isFinishedCall(state)) throw notReady(this.id, 0);
    return this.#wait(undefined, options.signal);
  }

  /** How far the call is. @throws NotFoundError. */
  async status(): Promise<CallView> {
    const api = await this.#connection().api();
    return api.request((procedures) => procedures.calls.get.query({ id: this.id }));
  }

  /**
   * Cancels the call: what is queued ends at once, what runs is told by its signal and stopped after a grace.
   * `terminateContainers` ends its containers without one. Cancelling a finished call changes nothing.
   */
  async cancel(options: { terminateContainers?: boolean } = {}): Promise<void> {
    const { terminateContainers = false } = options;
    const api = await this.#connection().api();
    await api.request((procedures) => procedures.calls.cancel.mutate({ id: this.id, terminateContainers }));
  }

  async #wait(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<Result> {
    if (signal?.aborted) throw stoppedWaiting(this.id, signal);
    const connection = this.#connection();
    const wire = connection.wire ?? (await connection.connect());
    const cleanUps: (() => void)[] = [];
    try {
      return await new Promise<Result>((resolve, reject) => {
        cleanUps.push(this.#watch(wire, resolve, reject));
        if (timeoutMs !== undefined) {
          const timer = setTimeout(() => reject(notReady(this.id, timeoutMs)), timeoutMs);
          cleanUps.push(() => clearTimeout(timer));
        }
        if (signal) {
          const abort = (): void => reject(stoppedWaiting(this.id, signal));
          signal.addEventListener("abort", abort, { once: true });
          cleanUps.push(() => signal.removeEventListener("abort", abort));
        }
      });
    } finally {
      for (const cleanUp of cleanUps) cleanUp();
    }
  }

  #watch({ link, payloads }: Wire, resolve: (result: Result) => void, reject: (error: unknown) => void): () => void {
    return link.watch(this.id, 0, {
      outputs: (outputs) => {
        const output = outputs.find(([index]) => index === 0);
        if (!output) return;
        const outcome = payloads.outcomeOf(this.id, output);
        // `spawn` and the caller of `fromId` say what the result is; it travelled as bytes.
        if (outcome.ok) resolve(outcome.value as Result);
        else reject(outcome.error);
      },
      finished: (state) => reject(endedWithoutOutput(this.id, state)),
      failed: reject,
    });
  }
}

/** @throws InvalidError when the text is no id. */
export function callFromId<Result>(id: string, connection: () => Connection): FunctionCall<Result> {
  if (!isId(id))
    throw new InvalidError(`${JSON.stringify(id)} is not the id of a call; it is what \`spawn\` gave as \`id\``);
  return new FunctionCall(id, connection);
}

function notReady(id: string, timeoutMs: number): TimeoutError {
  const waited = timeoutMs === 0 ? "yet" : `after ${formatDuration(timeoutMs)}`;
  return new TimeoutError(`call ${id} has no result ${waited}; it goes on, so get it again later`);
}

function stoppedWaiting(id: string, signal: AbortSignal): CancelledError {
  return new CancelledError(`stopped waiting for call ${id} by the signal; the call goes on`, {
    cause: signal.reason,
  });
}
