/**
 * Between values and what travels: arguments to bytes, outputs to results or errors. Loaded with the link, since the
 * codec is not needed to define functions.
 */
import type { BellowsError } from "@bellows/protocol/errors";
import { errorDataSchema, errorFromData, SerializationError } from "@bellows/protocol/errors";
import { inputIdOf } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import type { CallOutput } from "./link-call.ts";

/** @throws SerializationError, PayloadTooLargeError. */
export function encodeArguments(args: readonly unknown[]): Uint8Array {
  return encodeValue(args);
}

export type Outcome = { ok: true; value: unknown } | { ok: false; error: BellowsError };

/** How an input ended: its result, or its error with the far side's stack, the attempts made and the container. */
export function outcomeOf(callId: string, [index, status, payload, attempts, containerId]: CallOutput): Outcome {
  try {
    if (status === OUTPUT_STATUS.succeeded) return { ok: true, value: decodeValue(payload) };
    const data = errorDataSchema.parse(decodeValue(payload));
    const details = { attempts, containerId, inputId: inputIdOf(callId, index), ...data.details };
    return { ok: false, error: errorFromData({ ...data, details }) };
  } catch (cause) {
    const message = `the output of input ${inputIdOf(callId, index)} cannot be read; use the same version of the SDK at both ends`;
    return { ok: false, error: new SerializationError(message, { cause }) };
  }
}

/** A value that a generator yielded. */
export function yieldOf(callId: string, payload: Uint8Array): Outcome {
  try {
    return { ok: true, value: decodeValue(payload) };
  } catch (cause) {
    const message = `a value that call ${callId} yielded cannot be read; use the same version of the SDK at both ends`;
    return { ok: false, error: new SerializationError(message, { cause }) };
  }
}
