/** Brings the user's code into this process: variables, context, import, the function by its name. */
import { pathToFileURL } from "node:url";
import { functionNamed, type NamedFunction } from "@bellows/protocol/definitions";
import { type ErrorData, errorData, StartupError } from "@bellows/protocol/errors";
import { type RuntimeContext, setRuntimeContext } from "@bellows/protocol/runtime-context";
import type { WorkerCommand } from "@bellows/protocol/worker-frames";
import { thrownData } from "./executor.ts";

type LoadCommand = Extract<WorkerCommand, { type: "load" }>;

export async function load(
  { bundlePath, functionName, environment, appName, env }: LoadCommand,
  currentInput: RuntimeContext["currentInput"],
): Promise<NamedFunction> {
  // Stacks then show the user's files and lines instead of the bundle's.
  process.setSourceMapsEnabled(true);
  Object.assign(process.env, env);
  setRuntimeContext({ connection: null, environment, appName, currentInput });
  const module: Record<string, unknown> = await import(pathToFileURL(bundlePath).href);
  return functionNamed(module, functionName);
}

/** What stopped the code from being loaded, with the user's stack. */
export function loadError(thrown: unknown): ErrorData {
  const cause = thrownData(thrown);
  const what = cause.code === "REMOTE" ? `${cause.name ?? "Error"}: ${cause.message}` : cause.message;
  const { stack: _stack, ...error } = errorData(new StartupError(`the code could not be loaded: ${what}`));
  return { ...error, cause, ...(cause.stack ? { stack: cause.stack } : {}) };
}
