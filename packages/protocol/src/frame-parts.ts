/**
 * The parts that frames of several boundaries share. Lists of what comes once or more per input are tested by hand:
 * measured, a schema of the tuple takes 0.8 us an item and copies it, the test 0.02 us.
 */
import * as z from "zod/mini";
import { OUTPUT_STATUS, type OutputStatus } from "./states.ts";

/**
 * Values that a generator has yielded and its caller has not taken: past this many, or this many bytes, it waits. The
 * agent keeps them until they are taken, so that they can be sent again after a cut, also of a worker that hangs.
 */
export const STREAM_WINDOW = { values: 64, bytes: 4 * 1024 * 1024 } as const;

const ID_LENGTH = 36;
export const id = z.string().check(z.length(ID_LENGTH));
export const index = z.int().check(z.minimum(0));

/** One attempt at one input: call, index in the call, number of the attempt (1 is the first). */
export type AttemptRef = [callId: string, index: number, attempt: number];

/** An input handed over: the attempt and the encoded array of arguments. */
export type InputItem = [callId: string, index: number, attempt: number, value: Uint8Array];

/**
 * How an attempt ended: payload is the encoded value (succeeded) or the encoded ErrorData (failed, cancelled);
 * then when its execution started and finished, in milliseconds since 1970.
 */
export type OutputItem = [
  callId: string,
  index: number,
  attempt: number,
  status: OutputStatus,
  payload: Uint8Array,
  startedAtMs: number,
  finishedAtMs: number,
];

/** The end of an input as its caller gets it: payload as above, attempts made, container or null. */
export type DeliveredItem = [
  index: number,
  status: OutputStatus,
  payload: Uint8Array,
  attempts: number,
  containerId: string | null,
];

export const bytes = z.custom<Uint8Array>(isBytes);
export const bytesList = listOf<Uint8Array>(isBytes);
export const attemptRef = z.custom<AttemptRef>((item) => isTuple(item, 3) && startsLikeAttempt(item));
export const attemptRefs = listOf<AttemptRef>((item) => isTuple(item, 3) && startsLikeAttempt(item));
export const inputItems = listOf<InputItem>((item) => isTuple(item, 4) && startsLikeAttempt(item) && isBytes(item[3]));
export const outputItems = listOf<OutputItem>(
  (item) =>
    isTuple(item, 7) &&
    startsLikeAttempt(item) &&
    isOutputStatus(item[3]) &&
    isBytes(item[4]) &&
    Number.isFinite(item[5]) &&
    Number.isFinite(item[6]),
);
export const deliveredItems = listOf<DeliveredItem>(
  (item) =>
    isTuple(item, 5) &&
    isCount(item[0], 0) &&
    isOutputStatus(item[1]) &&
    isBytes(item[2]) &&
    isCount(item[3], 0) &&
    (item[4] === null || isIdLike(item[4])),
);

export const LOG_STREAMS = ["stdout", "stderr", "system"] as const;
/** A log line: time, stream, call and index it belongs to (null when it belongs to no input), text without newline. */
export const logItem = z.tuple([z.number(), z.enum(LOG_STREAMS), z.nullable(id), z.nullable(index), z.string()]);
export type LogItem = z.infer<typeof logItem>;

function listOf<Item>(isItem: (value: unknown) => boolean) {
  return z.custom<Item[]>((value) => Array.isArray(value) && value.every(isItem));
}

function isTuple(value: unknown, length: number): value is unknown[] {
  return Array.isArray(value) && value.length === length;
}

function startsLikeAttempt(item: readonly unknown[]): boolean {
  return isIdLike(item[0]) && isCount(item[1], 0) && isCount(item[2], 1);
}

function isIdLike(value: unknown): boolean {
  return typeof value === "string" && value.length === ID_LENGTH;
}

function isCount(value: unknown, lowest: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= lowest;
}

function isOutputStatus(value: unknown): boolean {
  return value === OUTPUT_STATUS.succeeded || value === OUTPUT_STATUS.failed || value === OUTPUT_STATUS.cancelled;
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}
