/**
 * A call of many inputs that was stored: one handle for all of them, from any program, for as long as the outputs are
 * kept. It holds nothing but the id: progress and results are asked for, and asking survives a lost orchestrator.
 */
import type { CallView } from "@bellows/protocol/call-views";
import type { BellowsError } from "@bellows/protocol/errors";
import { InvalidError } from "@bellows/protocol/errors";
import type { CallState } from "@bellows/protocol/states";
import type { LogLineView } from "@bellows/protocol/views";
import type { Connection } from "./connection.ts";
import { defaultConnection } from "./connection.ts";
import { refuseUnknown } from "./known-options.ts";
import type { MapResults } from "./map.ts";
import { StoredCall } from "./stored-call.ts";
import type { GetOptions } from "./stored-outputs.ts";
import type { ResultsOptions } from "./stored-results.ts";
import { storedResults } from "./stored-results.ts";

/** How many inputs of a call ended how; `pending` ones wait or run. About a second old while the call runs. */
export interface MapCallProgress {
  state: CallState;
  /** All inputs. */
  total: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  pending: number;
}

export class MapCall<Result> {
  readonly #call: StoredCall;

  /**
   * Calls come from `spawnMap` and `fromId`; `connection` says where they are.
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
  static fromId<Result = unknown>(id: string): MapCall<Result> {
    return new MapCall(id, defaultConnection);
  }

  /** @throws NotFoundError. */
  async progress(): Promise<MapCallProgress> {
    const { state, inputCount, receivedCount, counts } = await this.status();
    const total = inputCount ?? receivedCount;
    const ended = counts.succeeded + counts.failed + counts.cancelled;
    return { state, total, ...counts, pending: Math.max(0, total - ended) };
  }

  /** The call as the console shows it. @throws NotFoundError. */
  status(): Promise<CallView> {
    return this.#call.status();
  }

  /**
   * The results in the order of the inputs, each as soon as it and those before it are there. `from` goes on at an
   * index, in this program or another. Reading may be given up at any time: it changes nothing about the call.
   * @throws the first error in order, unless `returnExceptions` is set; NotFoundError, OutputExpiredError; InvalidError
   * for a `from` that is no index.
   */
  results(options: ResultsOptions & { returnExceptions: true }): MapResults<Result | BellowsError>;
  results(options?: ResultsOptions & { returnExceptions?: false | undefined }): MapResults<Result>;
  results(options: ResultsOptions = {}): MapResults<Result | BellowsError> {
    refuseUnknown("results", options, ["from", "returnExceptions", "signal"]);
    const { from = 0 } = options;
    if (!Number.isSafeInteger(from) || from < 0) {
      throw new InvalidError(`from: ${String(from)} is not the index of an input; inputs are counted from 0`);
    }
    return storedResults(this.#call.connection, this.id, { ...options, from });
  }

  /**
   * Waits for the result of one input; may be called again and again.
   * @throws like `get` of a `FunctionCall`; NotFoundError also when the call has no such input.
   */
  get(index: number, options: GetOptions = {}): Promise<Result> {
    return this.#call.get<Result>(index, options);
  }

  /** Cancels what has no output yet, as `cancel` of a `FunctionCall` does; the results that there are stay. */
  cancel(options: { terminateContainers?: boolean } = {}): Promise<void> {
    return this.#call.cancel(options);
  }

  /**
   * Runs the inputs again that failed or were cancelled, and says how many. The call is running then; results
   * that there were stay. @throws ConflictError while it is still running.
   */
  retryFailed(): Promise<{ retried: number }> {
    return this.#call.retryFailed();
  }

  /** The lines that the call has written so far, oldest first. @throws NotFoundError. */
  logs(): AsyncGenerator<LogLineView, undefined> {
    return this.#call.logs();
  }
}
