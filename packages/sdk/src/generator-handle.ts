/** What is called when the function is a generator: its values stream, one after the other. */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import type { EffectiveSettings, HandleStats } from "@bellows/protocol/views";
import { callOrigin } from "./call-origin.ts";
import type { AskOptions, CallOptions, Concurrency, HandleBinding, OwnPoolOptions } from "./handle-binding.ts";
import {
  bound,
  checkedOptions,
  inOwnPool,
  ofConcurrency,
  statsOf,
  updateAutoscalerOf,
  withoutKey,
} from "./handle-binding.ts";
import type { RemoteYields } from "./remote-generator.ts";
import { GeneratorRun } from "./remote-generator.ts";
import { wrongVerbs } from "./wrong-verbs.ts";

/** A generator is neither mapped, spawned nor retried: its values are nowhere but on their way. */
export interface GeneratorHandle<Args extends unknown[], Yield> {
  /**
   * Runs the generator in a container and gives what it yields as it comes. The generator is at most 64 values or 4 MiB
   * ahead of what is taken. Leaving the loop, or the signal, ends it there, too.
   * @throws like `remote` of a function; ContainerCrashedError at once when its container is lost.
   */
  remoteGen(...args: Args): RemoteYields<Yield>;

  /** Calls that wait and run, and containers, now. @throws NotFoundError when it is not deployed. */
  stats(options?: AskOptions): Promise<HandleStats>;

  /** Changes how its containers are scaled, at once and until the next deploy; like `updateAutoscaler` of a function. */
  updateAutoscaler(changes: AutoscalerChanges, options?: AskOptions): Promise<EffectiveSettings>;

  /** The same generator, called with these options. @throws InvalidError. */
  with(options: CallOptions): GeneratorHandle<Args, Yield>;

  /** The same generator in containers of its own, with these settings in place of the deployed ones. @throws InvalidError. */
  withOptions(options: OwnPoolOptions): GeneratorHandle<Args, Yield>;

  /** The same generator in containers of its own that run this many calls at a time. @throws InvalidError. */
  withConcurrency(concurrency: Concurrency): GeneratorHandle<Args, Yield>;
}

export function generatorHandle<Args extends unknown[], Yield>(
  binding: HandleBinding,
  callOptions: CallOptions = {},
): GeneratorHandle<Args, Yield> {
  return {
    ...wrongVerbs("generator", binding.label),
    remoteGen(...args) {
      withoutKey(callOptions, "remoteGen");
      return new GeneratorRun<Yield>(() => bound(binding), args, callOrigin(callOptions.signal));
    },
    stats: (options) => statsOf(binding, callOptions, options),
    updateAutoscaler: (changes, options) => updateAutoscalerOf(binding, callOptions, changes, options),
    with: (more) => generatorHandle(binding, checkedOptions(callOptions, more)),
    withOptions: (options) => generatorHandle(inOwnPool(binding, options), callOptions),
    withConcurrency: (concurrent) => generatorHandle(ofConcurrency(binding, concurrent), callOptions),
  };
}
