/**
 * What a definition means to the worker: one function that an input calls, and the hooks around its life. A class is
 * constructed once in a worker; its methods are told apart by the name that comes before their arguments.
 */
import type { Constructor, NamedFunction } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import { noSuchMethod } from "@bellows/protocol/known-names";
import { decodeArguments } from "./arguments.ts";
import type { RunningInput } from "./running-input.ts";
import type { Streams } from "./streams.ts";

export interface Hook {
  name: string;
  run: () => unknown;
}

export interface Invocation {
  call: (args: unknown[], input: RunningInput) => unknown;
  /** What a batch calls. @throws InvalidError when the definition cannot be called with lists. */
  batch: () => BatchInvocation;
  /** In the order in which they run. */
  enter: Hook[];
  exit: Hook[];
}

export interface BatchInvocation {
  /** How many lists it takes. */
  parameters: number;
  /** What of one input goes into the lists. @throws InvalidError for a method that there is not. */
  argumentsOf: (args: unknown[]) => unknown[];
  call: (lists: unknown[][]) => unknown;
}

/** Constructs the class, if it is one. @throws whatever its constructor throws. */
export function invocationOf(definition: NamedFunction, parameters: Uint8Array | null, streams: Streams): Invocation {
  const { settings, handler } = definition;
  if (settings.kind === "class") return invocationOfClass(definition, parameters);
  // The types of the arguments were checked where the call was written.
  const body: (...args: unknown[]) => unknown = handler as never;
  const run = (args: unknown[]) => body(...args);
  const stream = (args: unknown[], input: RunningInput) => streams.run(input, run(args));
  const batch = () => ({ parameters: body.length, argumentsOf: (args: unknown[]) => args, call: run });
  return { call: settings.kind === "generator" ? stream : run, batch, enter: [], exit: [] };
}

function invocationOfClass(definition: NamedFunction, parameters: Uint8Array | null): Invocation {
  const { name: className, handler, hooks } = definition;
  const Class: new (...args: unknown[]) => object = handler as Constructor as never;
  const instance = new Class(...(parameters ? decodeArguments(parameters) : []));
  const methods = new Set(definition.settings.methods);
  const hookOf = (name: string): Hook => ({ name, run: () => callMethod(instance, className, name, []) });
  const methodNamed = (name: unknown): string => {
    if (typeof name === "string" && methods.has(name)) return name;
    throw new InvalidError(noSuchMethod(`class "${className}"`, String(name), methods));
  };
  return {
    call: ([name, ...args]) => callMethod(instance, className, methodNamed(name), args),
    batch() {
      // A batch is of one method, since a batched class has no other.
      const only = methodNamed([...methods][0]);
      return {
        parameters: methodOf(instance, className, only).length,
        argumentsOf([name, ...args]) {
          methodNamed(name);
          return args;
        },
        call: (lists) => callMethod(instance, className, only, lists),
      };
    },
    // Those before a snapshot come first wherever no snapshot is made, too: code must not work in one of the two only.
    enter: [...hooks.enter.filter(({ snap }) => snap), ...hooks.enter.filter(({ snap }) => !snap)].map(({ name }) =>
      hookOf(name),
    ),
    exit: hooks.exit.map(hookOf),
  };
}

function callMethod(instance: object, className: string, name: string, args: unknown[]): unknown {
  return methodOf(instance, className, name).apply(instance, args);
}

function methodOf(instance: object, className: string, name: string): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(instance, name);
  if (isCallable(method)) return method;
  throw new InvalidError(`"${name}" of class "${className}" is not a method`);
}

function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}
