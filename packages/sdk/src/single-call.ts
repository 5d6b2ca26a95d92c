/** Calls of one input: run and wait for the result, or store and go on. */
import type { BellowsError } from "@bellows/protocol/errors";
import { CancelledError, InternalError } from "@bellows/protocol/errors";
import type { CallListener, OpenCall } from "./client-link.ts";
import type { Wire } from "./connection.ts";
import type { CallTarget } from "./link-call.ts";

/** Runs one input and resolves with its result, or rejects with its error. */
export function remoteCall<Result>(
  { link, payloads }: Wire,
  target: CallTarget,
  args: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<Result> {
  const value = payloads.encodeArguments(args);
  return abortable<Result>(signal, (resolve, reject) => {
    const call = link.open(target, "remote", {
      outputs([output]) {
        if (!output) return;
        const outcome = payloads.outcomeOf(call.callId, output);
        // The handle's types come from the handler; what it returned travelled as bytes.
        if (outcome.ok) resolve(outcome.value as Result);
        else reject(outcome.error);
      },
      finished: (state) => reject(endedWithoutOutput(call.callId, state)),
      failed: reject,
    });
    call.send(value);
    call.close();
    return call;
  });
}

/** Stores one input and resolves with the id of its call once Postgres has committed. */
export function spawnCall(
  { link, payloads }: Wire,
  target: CallTarget,
  args: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const value = payloads.encodeArguments(args);
  return abortable<string>(signal, (resolve, reject) => {
    const isStored = (): void => {
      call.leave();
      resolve(call.callId);
    };
    const call = link.open(target, "spawn", {
      outputs: ignoreOutputs,
      stored: isStored,
      finished: isStored,
      failed: reject,
    });
    call.send(value);
    call.close();
    return call;
  });
}

/** The error of whoever waits for an output of a call that is over and has none. */
export function endedWithoutOutput(callId: string, state: string): BellowsError {
  return state === "cancelled"
    ? new CancelledError(`call ${callId} was cancelled`)
    : new InternalError(`call ${callId} ended as ${state} without the output that was waited for`);
}

async function abortable<T>(
  signal: AbortSignal | undefined,
  start: (resolve: (value: T) => void, reject: (error: BellowsError) => void) => OpenCall,
): Promise<T> {
  if (!signal) return new Promise((resolve, reject) => void start(resolve, reject));
  if (signal.aborted) throw abortError(signal);
  const listening = new AbortController();
  try {
    return await new Promise<T>((resolve, reject) => {
      const call = start(resolve, reject);
      const abort = (): void => {
        call.cancel();
        reject(abortError(signal));
      };
      signal.addEventListener("abort", abort, { once: true, signal: listening.signal });
    });
  } finally {
    listening.abort();
  }
}

function abortError(signal: AbortSignal): CancelledError {
  return new CancelledError("the call was cancelled by its signal", { cause: signal.reason });
}

const ignoreOutputs: CallListener["outputs"] = () => undefined;
