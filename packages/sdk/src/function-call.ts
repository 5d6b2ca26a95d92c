/** A call that was stored: an id and what can be done with it, from any program, for as long as its output is kept. */
import type { CallView } from "@bellows/protocol/call-views";
import { InvalidError } from "@bellows/protocol/errors";
import type { LogLineView } from "@bellows/protocol/views";
import type { Connection } from "./connection.ts";
import { defaultConnection } from "./connection.ts";
import { StoredCall } from "./stored-call.ts";
import type { GetOptions } from "./stored-outputs.ts";

/** The results of these calls, in their order. */
export type GatheredResults<Calls extends readonly FunctionCall<unknown>[]> = {
  -readonly [K in keyof Calls]: Calls[K] extends FunctionCall<infer Result> ? Result : never;
};

export class FunctionCall<Result> {
  readonly #call: StoredCall;

  /**
   * Calls come from `spawn` and `fromId`; `connection` says where they are.
   * @throws InvalidError when the text is no id.
   */
  constructor(id: string, connection: () => Connection) {
    this.#call = new StoredCall(id, connection);
  }

  get id(): string {
    return this.#call.id;
  }

  /**
   * The call with this id. Nothing is asked before a method is called.
   * @throws InvalidError when the text is no id.
   */
  static fromId<Result = unknown>(id: string): FunctionCall<Result> {
    return new FunctionCall(id, defaultConnection);
  }

  /** Waits for the results of all of these calls. @throws the first error that one of them has; the others go on. */
  static async gather<const Calls extends readonly FunctionCall<unknown>[]>(
    ...calls: Calls
  ): Promise<GatheredResults<Calls>> {
    const wrong = calls.findIndex((call) => typeof call?.get !== "function");
    if (wrong >= 0) throw new InvalidError(`item ${wrong} of gather is not a call; pass what \`spawn\` resolved with`);
    const leaving = new AbortController();
    try {
      const results: unknown = await Promise.all(calls.map((call) => call.get({ signal: leaving.signal })));
      return results as GatheredResults<Calls>; // In the order of the calls, each of which knows its type.
    } finally {
      leaving.abort();
    }
  }

  /**
   * Waits for the result; may be called again and again.
   * @throws TimeoutError when it is not there in time; what the function threw, as `remote` does; NotFoundError for an
   * unknown call; OutputExpiredError when the output is no longer kept; CancelledError when the call was cancelled.
   */
  get(options: GetOptions = {}): Promise<Result> {
    return this.#call.get<Result>(0, options);
  }

  /** How far the call is. @throws NotFoundError. */
  status(): Promise<CallView> {
    return this.#call.status();
  }

  /**
   * Cancels the call: what is queued ends at once, what runs is told by its signal and stopped after a grace.
   * `terminateContainers` ends its containers without one. Cancelling a finished call changes nothing.
   */
  cancel(options: { terminateContainers?: boolean } = {}): Promise<void> {
    return this.#call.cancel(options);
  }

  /** The lines that the call has written so far, oldest first. @throws NotFoundError. */
  logs(): AsyncGenerator<LogLineView, undefined> {
    return this.#call.logs();
  }
}
