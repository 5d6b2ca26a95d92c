/** The parts that frames of several boundaries share. */
import * as z from "zod/mini";
import { OUTPUT_STATUS } from "./states.ts";

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
export const id = z.string().check(z.length(36));
export const index = z.int().check(z.minimum(0));
export const outputStatus = z.union([
  z.literal(OUTPUT_STATUS.succeeded),
  z.literal(OUTPUT_STATUS.failed),
  z.literal(OUTPUT_STATUS.cancelled),
]);

/** One attempt at one input: call, index in the call, number of the attempt (1 is the first). */
export const attemptRef = z.tuple([id, index, z.int().check(z.minimum(1))]);
export type AttemptRef = z.infer<typeof attemptRef>;

/** An input handed over: the attempt and the encoded array of arguments. */
export const inputItem = z.tuple([id, index, z.int().check(z.minimum(1)), bytes]);
export type InputItem = z.infer<typeof inputItem>;

/**
 * How an attempt ended: payload is the encoded value (succeeded) or the encoded ErrorData (failed, cancelled);
 * then when its execution started and finished, in milliseconds since 1970.
 */
export const outputItem = z.tuple([
  id,
  index,
  z.int().check(z.minimum(1)),
  outputStatus,
  bytes,
  z.number(),
  z.number(),
]);
export type OutputItem = z.infer<typeof outputItem>;

export const LOG_STREAMS = ["stdout", "stderr", "system"] as const;
/** A log line: time, stream, call and index it belongs to (null when it belongs to no input), text without newline. */
export const logItem = z.tuple([z.number(), z.enum(LOG_STREAMS), z.nullable(id), z.nullable(index), z.string()]);
export type LogItem = z.infer<typeof logItem>;
