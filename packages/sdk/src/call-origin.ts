/**
 * From where a call is made: inside a container by the input whose code makes it. That input becomes the call's
 * parent (of a batch its first input), and when it is cancelled its calls that are waited for are cancelled, too.
 */
import { AsyncResource } from "node:async_hooks";
import { runtimeContext } from "@bellows/protocol/runtime-context";
import type { CallTerms } from "./link-call.ts";

export interface CallOrigin {
  parent: CallTerms["parent"];
  /** Ends a call that is waited for: the one given, and the signal of the input that waits. */
  signal: AbortSignal | undefined;
}

export function callOrigin(given: AbortSignal | undefined): CallOrigin {
  const input = runtimeContext()?.currentInput();
  if (!input) return { parent: undefined, signal: given };
  const signal = given ? AbortSignal.any([given, input.signal]) : input.signal;
  return { parent: { callId: input.callId, index: input.index }, signal };
}

/**
 * The function, run where it is called from now: what a link does is nobody's code, so without this the user's code
 * that it runs would log and call as whichever input opened the link.
 */
export function inThisContext<Args extends unknown[], Result>(
  run: (...args: Args) => Result,
): (...args: Args) => Result {
  if (!runtimeContext()?.currentInput()) return run;
  return AsyncResource.bind((...args: Args) => run(...args));
}
