/** How an input ends, as its output says it: a status, and the encoded value or error. */
import { BellowsError, CancelledError, type ErrorData, errorData, remoteErrorData } from "@bellows/protocol/errors";
import { OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { Running } from "./running-input.ts";
import { withUserStack } from "./user-stack.ts";

export type End = [status: OutputStatus, payload: Uint8Array];

const MAX_TEXT_CHARS = 100_000;

/** A value that cannot travel is an error. */
export function endOfValue(value: unknown): End {
  try {
    return [OUTPUT_STATUS.succeeded, encodeValue(value)];
  } catch (error) {
    return endOfError(errorData(error));
  }
}

/** What `running` threw; when it was cancelled before that, this is its end, for whatever reason it threw. */
export function endOfThrown(running: Running, thrown: unknown): End {
  if (!running.isCancelled) return endOfError(thrownData(thrown));
  return cancelled(thrown === running.signal.reason ? undefined : thrownData(thrown));
}

export function endOfError(error: ErrorData): End {
  return [OUTPUT_STATUS.failed, encodeError(error)];
}

export function cancelled(cause?: ErrorData): End {
  const error = errorData(new CancelledError("the input was cancelled"));
  return [OUTPUT_STATUS.cancelled, encodeError({ ...error, ...(cause && { cause }) })];
}

export function cancelledUnbegun(): End {
  const error = errorData(new CancelledError("the input was cancelled before it began"));
  return [OUTPUT_STATUS.cancelled, encodeError(error)];
}

/** Reading a thrown value can throw again: its properties may be anything. */
export function thrownData(thrown: unknown): ErrorData {
  try {
    const { stack, ...error } = withUserStack(remoteErrorData(thrown));
    // An error of the worker itself has only the worker in its stack; user code has its own copy of these classes.
    return stack === undefined || thrown instanceof BellowsError ? error : { ...error, stack };
  } catch {
    return { code: "REMOTE", name: "Error", message: "the function threw a value that cannot be read" };
  }
}

/** An error that is itself too large to travel is cut down to its first words. */
function encodeError(error: ErrorData): Uint8Array {
  try {
    return encodeValue(error);
  } catch {
    const { code, name } = error;
    const cut = (text: string | undefined) => text?.slice(0, MAX_TEXT_CHARS);
    return encodeValue({ code, name: cut(name), message: cut(String(error.message)), stack: cut(error.stack) });
  }
}
