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
  /** In the order in which they run. */
  enter: Hook[];
  exit: Hook[];
}

/** Constructs the class, if it is one. @throws whatever its constructor throws. */
export function invocationOf(definition: NamedFunction, parameters: Uint8Array | null, streams: Streams): Invocation {
  const { settings, handler } = definition;
  if (settings.kind === "class") return invocationOfClass(definition, parameters);
  // The types of the arguments were checked where the call was written.
  const body: (...args: unknown[]) => unknown = handler as never;
  const run = (args: unknown[]) => body(...args);
  const stream = (args: unknown[], input: RunningInput) => streams.run(input, run(args));
  return { call: settings.kind === "generator" ? stream : run, enter: [], exit: [] };
}

function invocationOfClass(definition: NamedFunction, parameters: Uint8Array | null): Invocation {
  const { name: className, handler, hooks } = definition;
  const Class: new (...args: unknown[]) => object = handler as Constructor as never;
  const instance = new Class(...(parameters ? decodeArguments(parameters) : []));
  const methods = new Set(definition.settings.methods);
  const hookOf = (name: string): Hook => ({ name, run: () => callMethod(instance, className, name, []) });
  return {
    call([name, ...args]) {
      if (typeof name === "string" && methods.has(name)) return callMethod(instance, className, name, args);
      throw new InvalidError(noSuchMethod(`class "${className}"`, String(name), methods));
    },
    // Those before a snapshot come first wherever no snapshot is made, too: code must not work in one of the two only.
    enter: [...hooks.enter.filter(({ snap }) => snap), ...hooks.enter.filter(({ snap }) => !snap)].map(({ name }) =>
      hookOf(name),
    ),
    exit: hooks.exit.map(hookOf),
  };
}

function callMethod(instance: object, className: string, name: string, args: unknown[]): unknown {
  const method: unknown = Reflect.get(instance, name);
  if (typeof method !== "function") throw new InvalidError(`"${name}" of class "${className}" is not a method`);
  return method.apply(instance, args);
}
