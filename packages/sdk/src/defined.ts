/**
 * The handles of what this program defines: those of any program, the body with them to run it here, and the mark
 * under which CLI and worker find them in a bundle.
 */
import type { AppDefinition, FunctionDefinition } from "@bellows/protocol/definitions";
import { DEFINITION } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import { poolSettings } from "@bellows/protocol/function-options";
import { noSuchMethod } from "@bellows/protocol/known-names";
import { runtimeContext } from "@bellows/protocol/runtime-context";
import type { BatchedClassHandle, BatchedMethodHandles, ClassHandle, MethodHandles } from "./class-handle.ts";
import { classHandle, methodHandles } from "./class-handle.ts";
import { defaultConnection } from "./connection.ts";
import type { BatchedHandle, FunctionHandle } from "./function-handle.ts";
import { functionHandle } from "./function-handle.ts";
import type { GeneratorHandle } from "./generator-handle.ts";
import { generatorHandle } from "./generator-handle.ts";
import type { HandleBinding } from "./handle-binding.ts";
import { runBatchOfOne } from "./local-batch.ts";

/** A function defined in this program: its handle, and its body. */
export interface DefinedFunction<Args extends unknown[], Result> extends FunctionHandle<Args, Result> {
  /** Runs the body in this process. */
  local(...args: Args): Promise<Result>;
  readonly [DEFINITION]: FunctionDefinition;
}

/** A batched function defined in this program: its handle, and its body. */
export interface DefinedBatched<Args extends unknown[], Result> extends BatchedHandle<Args, Result> {
  /** Runs the body in this process, with a batch of one. */
  local(...args: Args): Promise<Result>;
  readonly [DEFINITION]: FunctionDefinition;
}

/** A Python function defined in this program. It has no `local`: there is no Python in this process. */
export interface DefinedPython<Args extends unknown[], Result> extends FunctionHandle<Args, Result> {
  readonly [DEFINITION]: FunctionDefinition;
}

/** A batched Python function defined in this program. */
export interface DefinedBatchedPython<Args extends unknown[], Result> extends BatchedHandle<Args, Result> {
  readonly [DEFINITION]: FunctionDefinition;
}

/** A generator defined in this program: its handle, and its body. */
export interface DefinedGenerator<Args extends unknown[], Yield> extends GeneratorHandle<Args, Yield> {
  /** Runs the body in this process. */
  local(...args: Args): AsyncGenerator<Yield, undefined>;
  readonly [DEFINITION]: FunctionDefinition;
}

/** A method of a class defined in this program: its handle, and its body. */
export interface DefinedMethod<Args extends unknown[], Result> extends FunctionHandle<Args, Result> {
  /**
   * Runs the method in this process, on an object that the first such call makes and runs the `enter` methods of;
   * its `exit` methods are not run.
   */
  local(...args: Args): Promise<Result>;
}

/** The methods of an instance whose class is defined in this program. */
export type DefinedMethods<Instance> = {
  readonly [Name in keyof MethodHandles<Instance>]: MethodHandles<Instance>[Name] extends FunctionHandle<
    infer Args,
    infer Result
  >
    ? DefinedMethod<Args, Result>
    : never;
};

/** The method of a batched class defined in this program: its handle, and its body. */
export interface DefinedBatchedMethod<Args extends unknown[], Result> extends BatchedHandle<Args, Result> {
  /** Like that of any method, with a batch of one. */
  local(...args: Args): Promise<Result>;
}

/** The method of an instance whose class is batched and defined in this program. */
export type DefinedBatchedMethods<Instance> = {
  readonly [Name in keyof BatchedMethodHandles<Instance>]: BatchedMethodHandles<Instance>[Name] extends BatchedHandle<
    infer Args,
    infer Result
  >
    ? DefinedBatchedMethod<Args, Result>
    : never;
};

/** A batched class defined in this program: its instances, and their bodies. */
export interface DefinedBatchedClass<Args extends unknown[], Instance>
  extends BatchedClassHandle<Args, DefinedBatchedMethods<Instance>> {
  readonly [DEFINITION]: FunctionDefinition;
}

/** A class defined in this program: its instances, and their bodies. */
export interface DefinedClass<Args extends unknown[], Instance> extends ClassHandle<Args, DefinedMethods<Instance>> {
  readonly [DEFINITION]: FunctionDefinition;
}

type Run = (...args: unknown[]) => unknown;

export function definedFunction(
  app: AppDefinition,
  definition: FunctionDefinition,
): DefinedBatched<unknown[], unknown> {
  const handle = functionHandle<unknown[], unknown>(bindingOf(app, definition));
  return { ...handle, local: (...args) => runLocally(definition, args), [DEFINITION]: definition };
}

/** The types are the word of whoever defines it: nobody here can read those of Python. */
export function definedPython<Args extends unknown[], Result>(
  app: AppDefinition,
  definition: FunctionDefinition,
): DefinedBatchedPython<Args, Result> {
  const handle = functionHandle<Args, Result>(bindingOf(app, definition), {}, "python");
  return { ...handle, [DEFINITION]: definition };
}

export function definedGenerator(
  app: AppDefinition,
  definition: FunctionDefinition,
): DefinedGenerator<unknown[], unknown> {
  const handle = generatorHandle<unknown[], unknown>(bindingOf(app, definition));
  async function* local(...args: unknown[]): AsyncGenerator<unknown, undefined> {
    yield* (definition.handler as (...args: unknown[]) => AsyncGenerator | Generator)(...args);
    return undefined;
  }
  return { ...handle, local, [DEFINITION]: definition };
}

export function definedClass(
  app: AppDefinition,
  definition: FunctionDefinition,
): DefinedBatchedClass<unknown[], object> {
  const { methods, batched } = definition.settings;
  const bound = bindingOf(app, definition);
  const handle = classHandle<unknown[], object>(bound, (binding, callOptions) => {
    const remote = methodHandles(binding, callOptions, methods);
    let made: Promise<Record<string, Run>> | undefined;
    const object = () => {
      made ??= objectOf(definition, binding.parameters);
      return made;
    };
    const local = async (name: string, args: unknown[]): Promise<unknown> => {
      if (!methods.includes(name)) throw new InvalidError(noSuchMethod(bound.label(), name, methods));
      const instance = await object();
      return batched ? runBatchOfOne(methodOf(instance, name), args) : instance[name]?.(...args);
    };
    return new Proxy(remote, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof name === "symbol" || typeof method !== "object") return method;
        return { ...method, local: (...args: unknown[]) => local(name, args) };
      },
    });
  });
  return Object.assign(handle, { [DEFINITION]: definition });
}

function bindingOf(app: AppDefinition, definition: FunctionDefinition): HandleBinding {
  return {
    connection: defaultConnection,
    settings: {},
    parameters: [],
    method: undefined,
    check: (settings) => void poolSettings(definition.settings, settings),
    label: () =>
      definition.name === undefined ? `a definition of app "${app.name}"` : `"${definition.name}" of app "${app.name}"`,
    place({ environment }) {
      if (definition.name === undefined) {
        throw new InvalidError(
          `a function of app "${app.name}" has no name in this program; give it one (\`app.function({ name: "..." }, ...)\`), ` +
            "export it and start the program with `bellows run`, or look it up with `new Bellows().functions.fromName(app, name)`",
        );
      }
      return { environment, app: runtimeContext()?.appName ?? app.name, function: definition.name };
    },
  };
}

async function runLocally({ handler, settings }: FunctionDefinition, args: unknown[]): Promise<unknown> {
  // The handler's own parameters are checked where it was defined; here it is only passed on.
  const run = handler as Run;
  return settings.batched ? runBatchOfOne(run, args) : run(...args);
}

async function objectOf({ handler, hooks }: FunctionDefinition, args: readonly unknown[]) {
  // The constructor's own parameters are checked by `instance`, and it is known by name that these are methods.
  const object = new (handler as new (...args: unknown[]) => Record<string, Run>)(...args);
  for (const { name } of hooks.enter) await object[name]?.();
  return object;
}

/** Bound, so that it still says how many lists it takes. */
function methodOf(instance: Record<string, Run>, name: string): Run {
  const method = instance[name];
  if (!method) throw new InvalidError(`"${name}" is not a method of this object`);
  return method.bind(instance);
}
