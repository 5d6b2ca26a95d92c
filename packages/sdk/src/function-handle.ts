/** What is called: the verbs of one function, wherever it runs. A handle is immutable; `with...` returns another one. */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import type { BellowsError } from "@bellows/protocol/errors";
import type { EffectiveSettings, HandleStats } from "@bellows/protocol/views";
import type { ArgumentsSource } from "./arguments-source.ts";
import { argumentsSource, splitIterables, tuplesSource } from "./arguments-source.ts";
import { callOrigin } from "./call-origin.ts";
import { FunctionCall } from "./function-call.ts";
import type {
  AskOptions,
  Batching,
  CallOptions,
  Concurrency,
  HandleBinding,
  OwnPoolOptions,
} from "./handle-binding.ts";
import {
  bound,
  checkedOptions,
  inOwnPool,
  ofBatching,
  ofConcurrency,
  statsOf,
  updateAutoscalerOf,
  withoutKey,
} from "./handle-binding.ts";
import type { AnyIterable, IterablesOf, WithOptions } from "./handler-types.ts";
import { refuseUnknown } from "./known-options.ts";
import type { MapOptions, MapResults, MapRunParts } from "./map.ts";
import { MapRun } from "./map.ts";
import { MapCall } from "./map-call.ts";
import { remoteCall, spawnCall } from "./single-call.ts";
import type { SpawnMapOptions } from "./spawn-map.ts";
import { spawnMapCall } from "./spawn-map.ts";
import { wrongVerbs } from "./wrong-verbs.ts";

export interface ForEachOptions extends Pick<MapOptions, "signal" | "onProgress"> {
  /** Goes on when inputs fail, and says nothing of it. */
  ignoreExceptions?: boolean | undefined;
}

const MAP_OPTIONS = ["ordered", "returnExceptions", "signal", "onProgress"] as const;
const FOR_EACH_OPTIONS = ["ignoreExceptions", "signal", "onProgress"] as const;
const SPAWN_MAP_OPTIONS = ["signal", "onProgress"] as const;

export interface FunctionHandle<Args extends unknown[], Result> {
  /**
   * Runs the function in a container and waits for its result.
   * @throws RemoteError with what the function threw; FunctionTimeoutError, ContainerCrashedError, StartupError;
   * CancelledError; NotFoundError when it is not deployed; LimitExceededError; SerializationError,
   * PayloadTooLargeError; AuthError, ConnectionError.
   */
  remote(...args: Args): Promise<Result>;

  /**
   * Calls the function for each item and gives the results in order; several iterables are zipped. Lazy: the source is
   * read at most 1,000 inputs ahead of the results taken, and slower where a limit asks for it. The first error ends it
   * and cancels the rest, and so does leaving the loop. At most 1,000,000 inputs.
   */
  map(...iterables: IterablesOf<Args>): MapResults<Result>;
  map(
    ...iterables: WithOptions<IterablesOf<Args>, MapOptions & { returnExceptions: true }>
  ): MapResults<Result | BellowsError>;
  map(
    ...iterables: WithOptions<IterablesOf<Args>, MapOptions & { returnExceptions?: false | undefined }>
  ): MapResults<Result>;

  /** Like `map`, with the arguments of each input as a list. */
  starmap(
    argumentLists: AnyIterable<Readonly<Args>>,
    options: MapOptions & { returnExceptions: true },
  ): MapResults<Result | BellowsError>;
  starmap(
    argumentLists: AnyIterable<Readonly<Args>>,
    options?: MapOptions & { returnExceptions?: false | undefined },
  ): MapResults<Result>;

  /**
   * Calls the function for each item like `map`, and resolves when all are done.
   * @throws the first error that comes, and cancels the rest, unless `ignoreExceptions` is set.
   */
  forEach(...iterables: IterablesOf<Args> | WithOptions<IterablesOf<Args>, ForEachOptions>): Promise<void>;

  /** Stores the call and returns it; it will run even when this program is gone. Throws like `remote`. */
  spawn(...args: Args): Promise<FunctionCall<Result>>;

  /**
   * Stores one call of up to 1,000,000 inputs and returns it when all of it is stored; it will run even when this
   * program is gone. The source is read as far as 65,536 inputs or 64 MiB ahead of what is stored. A source that throws,
   * or the signal, cancels it.
   * @throws LimitExceededError when the function has too many inputs waiting; otherwise like `remote`.
   */
  spawnMap(...iterables: IterablesOf<Args> | WithOptions<IterablesOf<Args>, SpawnMapOptions>): Promise<MapCall<Result>>;

  /** Inputs that wait and run, and containers, now. @throws NotFoundError when it is not deployed. */
  stats(options?: AskOptions): Promise<HandleStats>;

  /**
   * Changes how its containers are scaled, at once and until the next deploy; `null` takes a change back. Containers that
   * are busy are left alone. Of a handle with a pool of its own, of that pool. Resolves with all settings in force, each
   * with the layer it comes from, who set it and when.
   * @throws InvalidError naming what is out of bounds, or what does not fit the settings in force; NotFoundError when it is
   * not deployed; PermissionDeniedError.
   */
  updateAutoscaler(changes: AutoscalerChanges, options?: AskOptions): Promise<EffectiveSettings>;

  /** The same function, called with these options. @throws InvalidError. */
  with(options: CallOptions): FunctionHandle<Args, Result>;

  /**
   * The same function in containers of its own, with these settings in place of the deployed ones. Nothing is
   * started before it is called. @throws InvalidError naming the option that is out of bounds.
   */
  withOptions(options: OwnPoolOptions): FunctionHandle<Args, Result>;

  /** The same function in containers of its own that run this many inputs at a time. @throws InvalidError. */
  withConcurrency(concurrency: Concurrency): FunctionHandle<Args, Result>;
}

/** The verbs of a batched function: its callers pass and get one element, and the server forms the batches. */
export interface BatchedHandle<Args extends unknown[], Result> extends FunctionHandle<Args, Result> {
  with(options: CallOptions): BatchedHandle<Args, Result>;
  withOptions(options: OwnPoolOptions): BatchedHandle<Args, Result>;
  /** The same function in containers of its own that run this many batches at a time. @throws InvalidError. */
  withConcurrency(concurrency: Concurrency): BatchedHandle<Args, Result>;

  /** The same function in containers of its own, which get batches like this. @throws InvalidError. */
  withBatching(batching: Batching): BatchedHandle<Args, Result>;
}

/** Whether the function is batched may be known where it is deployed only; `withBatching` is refused at the latest there. */
export function functionHandle<Args extends unknown[], Result>(
  binding: HandleBinding,
  callOptions: CallOptions = {},
  shape: "function" | "python" = "function",
): BatchedHandle<Args, Result> {
  const connect = () => bound(binding);

  function mapParts(verb: string, source: ArgumentsSource, options: MapOptions): MapRunParts {
    withoutKey(callOptions, verb);
    return { connect, source, options, origin: callOrigin(options.signal ?? callOptions.signal) };
  }

  return {
    ...wrongVerbs(shape, binding.label),
    async remote(...args) {
      return remoteCall<Result>(await bound(binding), args, callOptions);
    },
    map(...given: unknown[]) {
      const { iterables, options } = splitIterables<MapOptions>("map", given, MAP_OPTIONS);
      return new MapRun<Result>(mapParts("map", argumentsSource(iterables), options));
    },
    starmap(argumentLists: AnyIterable<Readonly<Args>>, options: MapOptions = {}) {
      refuseUnknown("starmap", options, MAP_OPTIONS);
      return new MapRun<Result>(mapParts("starmap", tuplesSource(argumentLists), options));
    },
    async forEach(...given: unknown[]) {
      const { iterables, options } = splitIterables<ForEachOptions>("forEach", given, FOR_EACH_OPTIONS);
      const { ignoreExceptions: returnExceptions, ...rest } = options;
      const parts = mapParts("forEach", argumentsSource(iterables), { ...rest, returnExceptions, ordered: false });
      for await (const _ of new MapRun({ ...parts, discardResults: true }));
    },
    async spawn(...args) {
      const call = await bound(binding);
      const callId = await spawnCall(call, args, callOptions);
      return new FunctionCall<Result>(callId, () => call.connection);
    },
    async spawnMap(...given: unknown[]) {
      withoutKey(callOptions, "spawnMap");
      const { iterables, options } = splitIterables<SpawnMapOptions>("spawnMap", given, SPAWN_MAP_OPTIONS);
      const source = argumentsSource(iterables);
      const call = await bound(binding);
      const callId = await spawnMapCall(call, source, { signal: callOptions.signal, ...options });
      return new MapCall<Result>(callId, () => call.connection);
    },
    stats: (options) => statsOf(binding, callOptions, options),
    updateAutoscaler: (changes, options) => updateAutoscalerOf(binding, callOptions, changes, options),
    with: (more) => functionHandle(binding, checkedOptions(callOptions, more), shape),
    withOptions: (options) => functionHandle(inOwnPool(binding, options), callOptions, shape),
    withConcurrency: (concurrent) => functionHandle(ofConcurrency(binding, concurrent), callOptions, shape),
    withBatching: (batching) => functionHandle(ofBatching(binding, batching), callOptions, shape),
  };
}
