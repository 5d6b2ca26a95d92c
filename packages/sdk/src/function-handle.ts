/** What is called: the verbs of one function, wherever it runs. A handle is immutable; `with` returns another one. */
import type { BellowsError } from "@bellows/protocol/errors";
import { argumentsSource, splitIterables } from "./arguments-source.ts";
import type { Connection } from "./connection.ts";
import { FunctionCall } from "./function-call.ts";
import type { IterablesOf, WithOptions } from "./handler-types.ts";
import type { CallTarget } from "./link-call.ts";
import type { MapOptions, MapResults } from "./map.ts";
import { MapRun } from "./map.ts";
import { remoteCall, spawnCall } from "./single-call.ts";

/** How calls made through a handle behave. */
export interface CallOptions {
  /** Cancels `remote`, and `spawn` while it is being stored. */
  signal?: AbortSignal | undefined;
}

export interface FunctionHandle<Args extends unknown[], Result> {
  /**
   * Runs the function in a container and waits for its result.
   * @throws RemoteError with what the function threw; FunctionTimeoutError, ContainerCrashedError, StartupError;
   * CancelledError; NotFoundError when it is not deployed; SerializationError, PayloadTooLargeError; AuthError,
   * ConnectionError.
   */
  remote(...args: Args): Promise<Result>;

  /**
   * Calls the function for each item and gives the results in order; several iterables are zipped. Lazy: the source is
   * read at most 1,000 inputs ahead of the results taken. The first error ends it and cancels the rest, and so does
   * leaving the loop.
   */
  map(...iterables: IterablesOf<Args>): MapResults<Result>;
  map(
    ...iterables: WithOptions<IterablesOf<Args>, MapOptions & { returnExceptions: true }>
  ): MapResults<Result | BellowsError>;
  map(
    ...iterables: WithOptions<IterablesOf<Args>, MapOptions & { returnExceptions?: false | undefined }>
  ): MapResults<Result>;

  /** Stores the call and returns it; it will run even when this program is gone. Throws like `remote`. */
  spawn(...args: Args): Promise<FunctionCall<Result>>;

  /** The same function, called with these options. */
  with(options: CallOptions): FunctionHandle<Args, Result>;
}

/** Where the calls of a handle go; asked at each call, since an export learns its name late. */
export interface HandleBinding {
  connection(): Connection;
  /** @throws InvalidError when the name of the function is not known here. */
  target(connection: Connection): CallTarget;
}

export function functionHandle<Args extends unknown[], Result>(
  binding: HandleBinding,
  callOptions: CallOptions = {},
): FunctionHandle<Args, Result> {
  async function connected() {
    const connection = binding.connection();
    const target = binding.target(connection);
    return { connection, target, wire: connection.wire ?? (await connection.connect()) };
  }

  return {
    async remote(...args) {
      const { wire, target } = await connected();
      return remoteCall<Result>(wire, target, args, callOptions.signal);
    },
    map(...given: unknown[]) {
      const { iterables, options } = splitIterables<MapOptions>(given);
      return new MapRun<Result>(connected, argumentsSource(iterables), { signal: callOptions.signal, ...options });
    },
    async spawn(...args) {
      const { connection, wire, target } = await connected();
      const callId = await spawnCall(wire, target, args, callOptions.signal);
      return new FunctionCall<Result>(callId, () => connection);
    },
    with: (more) => functionHandle(binding, { ...callOptions, ...more }),
  };
}
