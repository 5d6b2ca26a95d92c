/**
 * What is called by a name: a function, a generator, or a method of a class (`Model.predict`). A function's name may have
 * a dot in it, too, and is then meant before any method.
 */
import { listNames, noSuchMethod } from "@bellows/protocol/known-names";
import { FUNCTION_KINDS, type FunctionKind } from "@bellows/protocol/states";
import type { Bellows, GeneratorHandle } from "@bellows/sdk";
import { UsageError } from "./usage-error.ts";

export interface Callable {
  name: string;
  settings: { kind: FunctionKind; methods: readonly string[] };
}

export interface Callee {
  kind: FunctionKind;
  name: string;
  /** Of a class. */
  method: string | undefined;
}

/** Class and method, for text that may name both. */
export function splitMethod(text: string): { name: string; method: string } | undefined {
  const dot = text.lastIndexOf(".");
  return dot <= 0 || dot === text.length - 1 ? undefined : { name: text.slice(0, dot), method: text.slice(dot + 1) };
}

/** @throws UsageError for a class without a method of it. */
export function calleeOf({ name, settings }: Callable, method: string | undefined): Callee {
  const { kind, methods } = settings;
  if (kind !== "class") return { kind, name, method: undefined };
  if (method !== undefined && methods.includes(method)) return { kind, name, method };
  throw new UsageError(
    method === undefined
      ? `"${name}" is a class; name one of its methods: ${listNames(methods.map((known) => `${name}.${known}`))}`
      : noSuchMethod(`class "${name}"`, method, methods),
  );
}

/** `flag` asks to store the call and leave it. @throws UsageError for what cannot be. */
export function refuseSpawn({ kind, name }: Callee, flag: string): void {
  if (FUNCTION_KINDS[kind].calledWith.some((verb) => verb === "spawn")) return;
  throw new UsageError(`"${name}" is a ${kind}, whose values go to whoever waits for them; leave ${flag} out`);
}

export interface CallOptions {
  app: string;
  callee: Callee;
  args: readonly unknown[];
  /** Of a class: the arguments of its constructor. */
  instance: readonly unknown[];
  signal: AbortSignal;
}

function handleOf(bellows: Bellows, { app, callee, instance, signal }: CallOptions) {
  if (callee.method === undefined) return bellows.functions.fromName(app, callee.name).with({ signal });
  const handle = bellows.classes.fromName(app, callee.name).instance(...instance)[callee.method];
  if (!handle) throw new UsageError(`class "${callee.name}" has no method "${callee.method}"`);
  return handle.with({ signal });
}

/** The result; of a generator nothing, and each value is told as it comes. */
export async function runCall(
  bellows: Bellows,
  options: CallOptions,
  yielded: (value: unknown) => void,
): Promise<unknown> {
  if (options.callee.kind !== "generator") return handleOf(bellows, options).remote(...options.args);
  const { app, callee, args, signal } = options;
  const generator = bellows.functions.fromName<GeneratorHandle<unknown[], unknown>>(app, callee.name).with({ signal });
  for await (const value of generator.remoteGen(...args)) yielded(value);
  return undefined;
}

/** Resolves with the id of the call once it is stored. */
export async function spawnCall(bellows: Bellows, options: CallOptions): Promise<string> {
  return (await handleOf(bellows, options).spawn(...options.args)).id;
}
