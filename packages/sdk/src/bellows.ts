/** A client for programs that do not hold the code of what they call: functions by name, calls by id. */
import { InvalidError } from "@bellows/protocol/errors";
import type { BatchedClassHandle, ClassHandle } from "./class-handle.ts";
import { classHandle, methodHandles } from "./class-handle.ts";
import type { Connection } from "./connection.ts";
import { namedConnection } from "./connection.ts";
import { FunctionCall } from "./function-call.ts";
import type { BatchedHandle, FunctionHandle } from "./function-handle.ts";
import { functionHandle } from "./function-handle.ts";
import type { GeneratorHandle } from "./generator-handle.ts";
import { generatorHandle } from "./generator-handle.ts";
import type { Batching, CallOptions, Concurrency, HandleBinding, OwnPoolOptions } from "./handle-binding.ts";
import { checkedOptions, inOwnPool, ofBatching, ofConcurrency } from "./handle-binding.ts";
import { MapCall } from "./map-call.ts";
import type { RemoteYields } from "./remote-generator.ts";

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
interface Streaming {
  remoteGen(...args: never[]): unknown;
}
interface Instantiable {
  instance(...args: never[]): unknown;
}

interface InBatches {
  withBatching(batching: Batching): unknown;
}

/** The handle of a function known by its type: `FunctionOf<typeof pages.ocr>`. */
export type FunctionOf<F> = F extends { remote(...args: infer Args): Promise<infer Result> }
  ? F extends InBatches
    ? BatchedHandle<Args, Result>
    : FunctionHandle<Args, Result>
  : F extends { remoteGen(...args: infer Args): RemoteYields<infer Yield> }
    ? GeneratorHandle<Args, Yield>
    : never;

/** The handle of a class known by its type: `ClassOf<typeof pages.Model>`. */
export type ClassOf<C> = C extends { instance(...args: infer Args): infer Methods }
  ? C extends InBatches
    ? BatchedClassHandle<Args, MethodsOf<Methods>>
    : ClassHandle<Args, MethodsOf<Methods>>
  : never;

type MethodsOf<Methods> = { readonly [Name in keyof Methods]: FunctionOf<Methods[Name]> };

/** A class of which nothing is known but its name. */
type UnknownClass = ClassHandle<unknown[], Record<string, FunctionHandle<unknown[], unknown>>>;

export class Bellows {
  readonly #connection: Connection;

  readonly functions = {
    /**
     * The function of this name in a deployed app: `fromName<typeof pages.ocr>("pages", "ocr")`. Nothing is asked
     * before it is called; then a name that does not exist is a NotFoundError.
     */
    fromName: <F extends Callable | Streaming = FunctionHandle<unknown[], unknown>>(
      app: string,
      name: string,
    ): FunctionOf<F> => {
      // The caller says what the function is; the orchestrator knows it by name only.
      return namedHandle(this.#named(app, name)) as unknown as FunctionOf<F>;
    },
  };

  readonly classes = {
    /** The class of this name in a deployed app: `fromName<typeof pages.Model>("pages", "Model")`; like a function. */
    fromName: <C extends Instantiable = UnknownClass>(app: string, name: string): ClassOf<C> => {
      const handle = classHandle(this.#named(app, name), (binding, options) =>
        methodHandles(binding, options, undefined),
      );
      return handle as unknown as ClassOf<C>;
    },
  };

  readonly calls = {
    /** The call with this id. @throws InvalidError when the text is no id. */
    fromId: <Result = unknown>(id: string): FunctionCall<Result> => new FunctionCall(id, () => this.#connection),

    /** The call of `spawnMap` with this id. @throws InvalidError when the text is no id. */
    mapFromId: <Result = unknown>(id: string): MapCall<Result> => new MapCall(id, () => this.#connection),
  };

  /** Opens nothing: the first call connects. Without credentials it throws an AuthError. */
  constructor(options: BellowsOptions = {}) {
    this.#connection = namedConnection(options);
  }

  /** Ends the link; calls still waited for fail with CancelledError. Safe twice. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  #named(app: string, name: string): HandleBinding {
    if (!app || !name) throw new InvalidError('it is looked up by app and name: fromName("pages", "ocr")');
    return {
      connection: () => this.#connection,
      place: ({ environment }) => ({ environment, app, function: name }),
      label: () => `"${name}" of app "${app}"`,
      settings: {},
      parameters: [],
      method: undefined,
      // What the function's settings are is known where it is deployed; it is checked there.
      check: () => undefined,
    };
  }
}

/** The verbs of a function and of a generator: which of them it is, is known where it is deployed. */
function namedHandle(binding: HandleBinding, options: CallOptions = {}): object {
  return {
    ...functionHandle(binding, options),
    remoteGen: generatorHandle(binding, options).remoteGen,
    with: (more: CallOptions) => namedHandle(binding, checkedOptions(options, more)),
    withOptions: (pool: OwnPoolOptions) => namedHandle(inOwnPool(binding, pool), options),
    withConcurrency: (concurrent: Concurrency) => namedHandle(ofConcurrency(binding, concurrent), options),
    withBatching: (batching: Batching) => namedHandle(ofBatching(binding, batching), options),
  };
}
