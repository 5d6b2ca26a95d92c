/** A client for programs that do not hold the code of what they call: functions by name, calls by id. */
import { InvalidError } from "@bellows/protocol/errors";
import type { Connection } from "./connection.ts";
import { namedConnection } from "./connection.ts";
import type { FunctionCall } from "./function-call.ts";
import { callFromId } from "./function-call.ts";
import type { FunctionHandle } from "./function-handle.ts";
import { functionHandle } from "./function-handle.ts";

export interface BellowsOptions {
  /** Of the orchestrator; by default BELLOWS_URL, or that of the credentials file. */
  url?: string;
  /** By default BELLOWS_TOKEN, or that of the credentials file. */
  token?: string;
  /** `main` by default. */
  environment?: string;
}

interface Callable {
  remote(...args: never[]): Promise<unknown>;
}

/** The handle of a function known by its type: `FunctionOf<typeof pages.ocr>`. */
export type FunctionOf<F extends Callable> = F extends { remote(...args: infer Args): Promise<infer Result> }
  ? FunctionHandle<Args, Result>
  : never;

export class Bellows {
  readonly #connection: Connection;

  readonly functions = {
    /**
     * The function of this name in a deployed app: `fromName<typeof pages.ocr>("pages", "ocr")`. Nothing is asked
     * before it is called; then a name that does not exist is a NotFoundError.
     */
    fromName: <F extends Callable = FunctionHandle<unknown[], unknown>>(app: string, name: string): FunctionOf<F> => {
      if (!app || !name) throw new InvalidError('a function is looked up by app and name: fromName("pages", "ocr")');
      const handle = functionHandle({
        connection: () => this.#connection,
        target: ({ environment }) => ({ environment, app, function: name }),
      });
      // The caller says what the function is; the orchestrator knows it by name only.
      return handle as FunctionOf<F>;
    },
  };

  readonly calls = {
    /** The call with this id. @throws InvalidError when the text is no id. */
    fromId: <Result = unknown>(id: string): FunctionCall<Result> => callFromId(id, () => this.#connection),
  };

  /** Opens nothing: the first call connects. Without credentials it throws an AuthError. */
  constructor(options: BellowsOptions = {}) {
    this.#connection = namedConnection(options);
  }

  /** Ends the link; calls still waited for fail with CancelledError. Safe twice. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
