/**
 * Where functions are defined. Options are checked at once; nothing else happens at import, so that a bundle can be
 * loaded by whoever wants to read its definitions.
 */
import type { AppDefinition, Constructor, FunctionDefinition, Handler } from "@bellows/protocol/definitions";
import { APP_DEFINITION, NO_HOOKS } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import type { FunctionOptions } from "@bellows/protocol/function-options";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { refuseUnbatchableClass, refuseWithoutLists } from "./batched-definition.ts";
import type {
  DefinedBatched,
  DefinedBatchedClass,
  DefinedBatchedPython,
  DefinedClass,
  DefinedFunction,
  DefinedGenerator,
  DefinedPython,
} from "./defined.ts";
import { definedClass, definedFunction, definedGenerator, definedPython } from "./defined.ts";
import type { Batching } from "./handle-binding.ts";
import type { ElementsOf, OnlyLists, ResultOf, YieldOf } from "./handler-types.ts";
import { isGeneratorFunction, lifecycleOf } from "./lifecycle.ts";
import { callerOf, pythonOf, refuseToRun } from "./python.ts";

/**
 * The handle of a handler. `app.function` takes the handler's type whole, since a parameter such as `limit = 10` is
 * typed by its default only where no signature is expected of the function.
 */
export type DefinedBy<H> = H extends (...args: infer Args) => infer Returned
  ? [YieldOf<Returned>] extends [never]
    ? DefinedFunction<Args, ResultOf<Returned>>
    : DefinedGenerator<Args, YieldOf<Returned>>
  : never;

/** The handle of a class. */
export type ClassDefinedBy<C> = C extends new (
  ...args: infer Args
) => infer Instance
  ? DefinedClass<Args, Instance>
  : never;

/** The handle of a batched class. */
export type BatchedClassDefinedBy<C> = C extends new (
  ...args: infer Args
) => infer Instance
  ? DefinedBatchedClass<Args, Instance>
  : never;

/** Options of a function whose handler gets lists, and is called with one element of each. */
export type BatchedOptions = FunctionOptions & { batched: Batching; schedule?: undefined };
/** Options of a function that is called by the clock, so without arguments. */
export type ScheduledOptions = FunctionOptions & {
  schedule: NonNullable<FunctionOptions["schedule"]>;
  batched?: undefined;
};
export type PlainOptions = FunctionOptions & { schedule?: undefined; batched?: undefined };
/** Options of a class. */
export type ClassOptions = FunctionOptions & { schedule?: undefined; batched?: undefined };

const APP_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

export class App {
  readonly name: string;
  readonly [APP_DEFINITION]: AppDefinition;

  /** @throws InvalidError for a name that is none. */
  constructor(name: string) {
    if (typeof name !== "string" || !APP_NAME.test(name)) {
      throw new InvalidError(
        `${JSON.stringify(name)} cannot name an app; start with a letter and use at most 64 letters, digits, _ . or -`,
      );
    }
    this.name = name;
    this[APP_DEFINITION] = { name, entrypoint: undefined, functions: [] };
  }

  /**
   * Defines a function. It is named after its export, unless `name` is given. With `batched` the handler gets lists and
   * returns a list of equal length, while callers pass and get one element; every caller passes one for each list. What a generator yields is streamed to
   * its caller, by `remoteGen`; it is neither batched, retried nor scheduled.
   * @throws InvalidError naming the option that is out of bounds.
   */
  function<H extends CallableFunction>(handler: H): DefinedBy<H>;
  function<Lists extends (readonly unknown[])[], Returned extends readonly unknown[]>(
    options: BatchedOptions,
    handler: ((...lists: Lists) => Returned | Promise<Returned>) & OnlyLists<Lists>,
  ): DefinedBatched<ElementsOf<Lists>, ResultOf<Returned[number]>>;
  function<H extends CallableFunction>(options: ScheduledOptions, handler: H & (() => unknown)): DefinedBy<H>;
  function<H extends CallableFunction>(options: PlainOptions, handler: H): DefinedBy<H>;
  function(
    first: FunctionOptions | Handler,
    second?: Handler,
  ): DefinedFunction<unknown[], unknown> | DefinedGenerator<unknown[], unknown> {
    const [options, handler] = typeof first === "function" ? [{}, first] : [first, second];
    if (typeof handler !== "function") {
      throw new InvalidError("the handler is missing; write app.function(options, async (...) => { ... })");
    }
    const settings = parseFunctionOptions(options);
    const definition: FunctionDefinition = { name: options?.name, settings, handler, hooks: NO_HOOKS };
    if (!isGeneratorFunction(handler)) {
      if (settings.batched) refuseWithoutLists(handler);
      return this.#defined(definedFunction(this[APP_DEFINITION], definition));
    }
    for (const [option, set] of Object.entries({
      batched: settings.batched,
      retries: settings.retries.maxRetries,
      schedule: settings.schedule,
    })) {
      if (set)
        throw new InvalidError(`${option}: not for a generator, whose values are streamed to one caller; leave it out`);
    }
    settings.kind = "generator";
    return this.#defined(definedGenerator(this[APP_DEFINITION], definition));
  }

  /**
   * Defines a class. It is constructed in each container, by the arguments of `instance`; then its methods marked
   * with `@enter()` run, and those marked with `@method()` are called. It is named after its export, unless `name` is given.
   * With `batched` it has one such method, which gets lists like a batched function.
   * @throws InvalidError naming the option that is out of bounds; when no method is marked with `@method()`.
   */
  cls<C extends Constructor>(body: C): ClassDefinedBy<C>;
  cls<C extends Constructor>(options: BatchedOptions, body: C): BatchedClassDefinedBy<C>;
  cls<C extends Constructor>(options: ClassOptions, body: C): ClassDefinedBy<C>;
  cls(first: FunctionOptions | Constructor, second?: Constructor): DefinedClass<unknown[], object> {
    const [options, body] = typeof first === "function" ? [{}, first] : [first, second];
    if (typeof body !== "function" || typeof body.prototype !== "object") {
      throw new InvalidError("the class is missing; write app.cls(options, class { @method() async run() { ... } })");
    }
    const { methods, hooks } = lifecycleOf(body);
    if (methods.length === 0) {
      throw new InvalidError("the class has no method that can be called; mark those that can with @method()");
    }
    const settings = { ...parseFunctionOptions(options), kind: "class" as const, methods };
    if (settings.schedule) throw new InvalidError("schedule: not for a class; schedule a function that calls it");
    if (settings.batched) refuseUnbatchableClass(body, methods);
    const definition: FunctionDefinition = { name: options?.name, settings, handler: body, hooks };
    return this.#defined(definedClass(this[APP_DEFINITION], definition));
  }

  /**
   * Defines a function that is written in Python: `name` of `file`, a path relative to the TypeScript file that calls
   * this. It is deployed with the Python files beside it that it imports. Its types are those that the caller states,
   * `app.python<[text: string], number[]>(...)`; of a batched one those of an element. It is named after its export, unless the option `name` is given.
   * @throws InvalidError naming what is out of bounds.
   */
  python<Args extends unknown[] = unknown[], Result = unknown>(
    file: string,
    name: string,
    options: BatchedOptions,
  ): DefinedBatchedPython<Args, ResultOf<Result>>;
  python<Args extends unknown[] = unknown[], Result = unknown>(
    file: string,
    name: string,
    options?: FunctionOptions,
  ): DefinedPython<Args, ResultOf<Result>>;
  python(file: string, name: string, options: FunctionOptions = {}): DefinedPython<unknown[], unknown> {
    const settings = { ...parseFunctionOptions(options), python: pythonOf(file, name) };
    const definition: FunctionDefinition = {
      name: options.name,
      settings,
      handler: refuseToRun,
      hooks: NO_HOOKS,
      definedIn: callerOf(this.python),
    };
    return this.#defined(definedPython<unknown[], unknown>(this[APP_DEFINITION], definition));
  }

  /**
   * What `bellows run FILE -- args` runs, in the process of the CLI.
   * @throws InvalidError when there is one already.
   */
  entrypoint(run: (...args: string[]) => unknown): void {
    if (this[APP_DEFINITION].entrypoint) throw new InvalidError(`app "${this.name}" has an entrypoint already`);
    this[APP_DEFINITION].entrypoint = run;
  }

  #defined<H extends object>(handle: H): H {
    this[APP_DEFINITION].functions.push(handle);
    return handle;
  }
}
