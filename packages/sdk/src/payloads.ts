/**
 * Between values and what travels: arguments to bytes, outputs to results or errors. Loaded with the link, since the
 * codec is not needed to define functions.
 */
import { BellowsError, errorDataSchema, errorFromData, SerializationError } from "@bellows/protocol/errors";
import { inputIdOf } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import type { CallOutput } from "./link-call.ts";

export interface ArgumentsPlace {
  /** Of a class: goes before the arguments. */
  method?: string | undefined;
  /** Which input of a call of many. */
  input?: number | undefined;
  /** What one of them is, for messages. */
  noun?: string | undefined;
}

/** @throws SerializationError, PayloadTooLargeError; both name the input and the argument. */
export function encodeArguments(args: readonly unknown[], place: ArgumentsPlace = {}): Uint8Array {
  try {
    return encodeValue(place.method === undefined ? args : [place.method, ...args]);
  } catch (error) {
    throw error instanceof BellowsError ? inPlace(error, args, place) : error;
  }
}

function inPlace(
  error: BellowsError,
  args: readonly unknown[],
  { input, noun = "argument" }: ArgumentsPlace,
): BellowsError {
  const found = firstRefused(args);
  const words = [
    ...(input === undefined ? [] : [`input ${input}`]),
    ...(found === undefined ? [] : [`${noun} ${found.position + 1}`]),
  ];
  const { code, message, details } = found?.error ?? error;
  return words.length === 0 ? error : errorFromData({ code, message: `${words.join(", ")}: ${message}`, details });
}

/** None when they are too large together only. */
function firstRefused(args: readonly unknown[]): { position: number; error: BellowsError } | undefined {
  for (const [position, arg] of args.entries()) {
    try {
      encodeValue(arg);
    } catch (error) {
      if (error instanceof BellowsError) return { position, error };
    }
  }
  return undefined;
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
