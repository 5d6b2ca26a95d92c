/**
 * What is called when the function is a class: its instances, each by the arguments of its constructor, and their
 * methods. An instance here is a name, not an object: the objects are in the containers of its pool.
 */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { InvalidError } from "@bellows/protocol/errors";
import { noSuchMethod } from "@bellows/protocol/known-names";
import type { EffectiveSettings } from "@bellows/protocol/views";
import type { BatchedHandle, FunctionHandle } from "./function-handle.ts";
import { functionHandle } from "./function-handle.ts";
import type {
  AskOptions,
  Batching,
  CallOptions,
  Concurrency,
  HandleBinding,
  OwnPoolOptions,
} from "./handle-binding.ts";
import { checkedOptions, inOwnPool, ofBatching, ofConcurrency, updateAutoscalerOf } from "./handle-binding.ts";
import type { ElementOf, ElementsOf, ResultOf, YieldOf } from "./handler-types.ts";
import { wrongVerbs } from "./wrong-verbs.ts";

/**
 * A handle for each method of the class. Types do not see decorators: a method that is not marked with `@method()` has
 * one, too, whose calls are an InvalidError.
 */
export type MethodHandles<Instance> = {
  readonly [Name in CallableNames<Instance>]: Instance[Name] extends (...args: infer Args) => infer Returned
    ? FunctionHandle<Args, ResultOf<Returned>>
    : never;
};

type CallableNames<Instance> = {
  [Name in keyof Instance]: Instance[Name] extends (...args: never[]) => infer Returned
    ? [YieldOf<Returned>] extends [never]
      ? Name
      : never
    : never;
}[keyof Instance] &
  string;

/** The same of a batched class, whose callers pass and get one element: a method without lists is none that can be called. */
export type BatchedMethodHandles<Instance> = {
  readonly [Name in BatchableNames<Instance>]: Instance[Name] extends (...lists: infer Lists) => infer Returned
    ? BatchedHandle<ElementsOf<Lists>, ElementOf<Returned>>
    : never;
};

type BatchableNames<Instance> = {
  [Name in keyof Instance]: Instance[Name] extends (...lists: infer Lists) => infer Returned
    ? [Lists, Awaited<Returned>] extends [[readonly unknown[], ...(readonly unknown[])[]], readonly unknown[]]
      ? Name
      : never
    : never;
}[keyof Instance] &
  string;

export interface ClassHandle<Args extends unknown[], Methods> {
  /**
   * The instance that the constructor makes of these arguments. Each set of arguments has containers of its own;
   * nothing is started before a method is called.
   */
  instance(...args: Args): Methods;

  /**
   * Changes how the containers of `instance()`, without arguments, are scaled, at once and until the next deploy; like
   * `updateAutoscaler` of a function. Other instances have containers of their own, which any of their methods changes.
   */
  updateAutoscaler(changes: AutoscalerChanges, options?: AskOptions): Promise<EffectiveSettings>;

  /** The same class, whose methods are called with these options. */
  with(options: CallOptions): ClassHandle<Args, Methods>;

  /** The same class in containers of its own, with these settings in place of the deployed ones. @throws InvalidError. */
  withOptions(options: OwnPoolOptions): ClassHandle<Args, Methods>;

  /** The same class in containers of its own that run this many inputs at a time. @throws InvalidError. */
  withConcurrency(concurrency: Concurrency): ClassHandle<Args, Methods>;
}

/** The verbs of a batched class. */
export interface BatchedClassHandle<Args extends unknown[], Methods> extends ClassHandle<Args, Methods> {
  with(options: CallOptions): BatchedClassHandle<Args, Methods>;
  withOptions(options: OwnPoolOptions): BatchedClassHandle<Args, Methods>;
  /** The same class in containers of its own that run this many batches at a time. @throws InvalidError. */
  withConcurrency(concurrency: Concurrency): BatchedClassHandle<Args, Methods>;

  /** The same class in containers of its own, which get batches like this. @throws InvalidError. */
  withBatching(batching: Batching): BatchedClassHandle<Args, Methods>;
}

type AnyMethod = FunctionHandle<unknown[], unknown>;
type MakeInstance<Methods> = (binding: HandleBinding, callOptions: CallOptions) => Methods;

export function classHandle<Args extends unknown[], Methods>(
  binding: HandleBinding,
  makeInstance: MakeInstance<Methods>,
  callOptions: CallOptions = {},
): BatchedClassHandle<Args, Methods> {
  const handle: BatchedClassHandle<Args, Methods> = {
    ...wrongVerbs("class", binding.label),
    instance: (...args) => makeInstance({ ...binding, parameters: args }, callOptions),
    updateAutoscaler: (changes, options) => updateAutoscalerOf(binding, callOptions, changes, options),
    with: (more) => classHandle(binding, makeInstance, checkedOptions(callOptions, more)),
    withOptions: (options) => classHandle(inOwnPool(binding, options), makeInstance, callOptions),
    withConcurrency: (concurrent) => classHandle(ofConcurrency(binding, concurrent), makeInstance, callOptions),
    withBatching: (batching) => classHandle(ofBatching(binding, batching), makeInstance, callOptions),
  };
  // Methods belong to instances: who calls one of the class itself is told so.
  return new Proxy(handle, {
    get(target, name) {
      if (typeof name === "symbol" || name === "then" || name in target) return Reflect.get(target, name);
      return wrongVerbs("class", binding.label);
    },
  });
}

/**
 * An object with a handle under every name. `known` are the methods there are, where that is known: a call of another one
 * is refused here, otherwise in the container.
 */
export function methodHandles(
  binding: HandleBinding,
  callOptions: CallOptions,
  known: readonly string[] | undefined,
): Record<string, AnyMethod> {
  const made = new Map<string, AnyMethod>();
  return new Proxy<Record<string, AnyMethod>>(Object.create(null), {
    has: (_, name) => typeof name === "string" && (known?.includes(name) ?? true),
    get(_, name) {
      // Whoever awaits an instance looks for `then`; symbols are looked for by whoever prints it.
      if (typeof name === "symbol" || name === "then") return undefined;
      const handle = made.get(name) ?? functionHandle(methodBinding(binding, name, known), callOptions);
      made.set(name, handle);
      return handle;
    },
  });
}

function methodBinding(binding: HandleBinding, name: string, known: readonly string[] | undefined): HandleBinding {
  return {
    ...binding,
    method: name,
    label: () => `method "${name}" of ${binding.label()}`,
    place(connection) {
      if (known && !known.includes(name)) throw new InvalidError(noSuchMethod(binding.label(), name, known));
      return binding.place(connection);
    },
  };
}
