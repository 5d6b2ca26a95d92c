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

/** Items of one call, each an attempt at an input of it: so its id, which is larger than most items, travels once. */
export type OfCall<Item> = [callId: string, items: Item[]];

/** An input handed over: the attempt and the encoded array of arguments. */
export type InputItem = [index: number, attempt: number, value: Uint8Array];

/**
 * How an attempt ended: payload is the encoded value (succeeded) or the encoded ErrorData (failed, cancelled);
 * then when its execution started and finished, in milliseconds since 1970.
 */
export type OutputItem = [
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
export const attemptRef = z.custom<AttemptRef>(isAttemptRef);
export const attemptRefs = listOf<AttemptRef>(isAttemptRef);
export const inputsByCall = byCall<InputItem>(
  (item) => isTuple(item, 3) && isCount(item[0], 0) && isCount(item[1], 1) && isBytes(item[2]),
);
export const outputsByCall = byCall<OutputItem>(
  (item) =>
    isTuple(item, 6) &&
    isCount(item[0], 0) &&
    isCount(item[1], 1) &&
    isOutputStatus(item[2]) &&
    isBytes(item[3]) &&
    Number.isFinite(item[4]) &&
    Number.isFinite(item[5]),
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

/** Adds an item at the end; next to the last one when that is of the same call, so that the order of all is kept. */
export function addOfCall<Item>(groups: OfCall<Item>[], callId: string, item: Item): void {
  const last = groups.at(-1);
  if (last?.[0] === callId) last[1].push(item);
  else groups.push([callId, [item]]);
}

/** The items that are kept, still in their order; no group is empty. */
export function filterOfCall<Item>(
  groups: readonly OfCall<Item>[],
  keeps: (callId: string, item: Item) => boolean,
): OfCall<Item>[] {
  return groups
    .map(([callId, items]): OfCall<Item> => [callId, items.filter((item) => keeps(callId, item))])
    .filter(([, items]) => items.length > 0);
}

/** How many items there are. */
export function countItems(groups: readonly OfCall<unknown>[]): number {
  return groups.reduce((count, [, items]) => count + items.length, 0);
}

/** The attempts that items are of. */
export function refsOf(groups: readonly OfCall<[index: number, attempt: number, ...unknown[]]>[]): AttemptRef[] {
  return groups.flatMap(([callId, items]) => items.map(([index, attempt]): AttemptRef => [callId, index, attempt]));
}

function listOf<Item>(isItem: (value: unknown) => boolean) {
  return z.custom<Item[]>((value) => Array.isArray(value) && value.every(isItem));
}

function byCall<Item>(isItem: (value: unknown) => boolean) {
  return listOf<OfCall<Item>>(
    (group) =>
      isTuple(group, 2) &&
      isIdLike(group[0]) &&
      Array.isArray(group[1]) &&
      group[1].length > 0 &&
      group[1].every(isItem),
  );
}

function isTuple(value: unknown, length: number): value is unknown[] {
  return Array.isArray(value) && value.length === length;
}

function isAttemptRef(value: unknown): boolean {
  return isTuple(value, 3) && isIdLike(value[0]) && isCount(value[1], 0) && isCount(value[2], 1);
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
