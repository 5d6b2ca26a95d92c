/**
 * Brings the user's code to where it can take inputs: variables, context, import, the function by its name, a class's
 * constructor and enter hooks. Nothing of it runs for an input.
 */
import { pathToFileURL } from "node:url";
import { functionNamed } from "@bellows/protocol/definitions";
import { type ErrorData, errorData, StartupError } from "@bellows/protocol/errors";
import { type RuntimeContext, setRuntimeContext } from "@bellows/protocol/runtime-context";
import type { WorkerCommand } from "@bellows/protocol/worker-frames";
import { thrownData } from "./ends.ts";
import { type BatchInvocation, type Invocation, invocationOf } from "./invocation.ts";
import type { Streams } from "./streams.ts";

type LoadCommand = Extract<WorkerCommand, { type: "load" }>;

export type Loaded =
  | { invocation: Invocation; batch: BatchInvocation | null; importMs: number; enterMs: number }
  /** What stopped the code from being started, with the user's stack. */
  | { error: ErrorData };

export async function load(
  command: LoadCommand,
  currentInput: RuntimeContext["currentInput"],
  streams: Streams,
): Promise<Loaded> {
  const { bundlePath, functionName, environment, appName, env, connection, parameters } = command;
  const startedAtMs = performance.now();
  let failure = "the code could not be loaded";
  try {
    Object.assign(process.env, env);
    setRuntimeContext({ connection, environment, appName, currentInput });
    const module: Record<string, unknown> = await import(pathToFileURL(bundlePath).href);
    const definition = functionNamed(module, functionName);
    const importedAtMs = performance.now();
    failure = `class "${functionName}" could not be constructed`;
    const invocation = invocationOf(definition, parameters, streams);
    const batch = command.batched ? invocation.batch() : null;
    for (const { name, run } of invocation.enter) {
      failure = `the enter hook \`${name}\` of class "${functionName}" failed`;
      await run();
    }
    const importMs = Math.round(importedAtMs - startedAtMs);
    return { invocation, batch, importMs, enterMs: Math.round(performance.now() - importedAtMs) };
  } catch (thrown) {
    return { error: loadError(failure, thrown) };
  }
}

function loadError(failure: string, thrown: unknown): ErrorData {
  const cause = thrownData(thrown);
  const what = cause.code === "REMOTE" ? `${cause.name ?? "Error"}: ${cause.message}` : cause.message;
  const { stack: _stack, ...error } = errorData(new StartupError(`${failure}: ${what}`));
  return { ...error, cause, ...(cause.stack ? { stack: cause.stack } : {}) };
}
