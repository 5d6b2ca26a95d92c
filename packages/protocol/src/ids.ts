/**
 * Identities. Every id is a UUIDv7: its first 48 bits are the Unix time in milliseconds, so ids sort by creation
 * and the tables keyed by them are partitioned by day without another column (RFC 9562, section 5.7).
 */
import { v7, validate, version } from "uuid";

/** A new time-ordered id; `nowMs` is for tests and for ids that must carry a given time. */
export function newId(nowMs?: number): string {
  return nowMs === undefined ? v7() : v7({ msecs: nowMs });
}

export function isId(text: string): boolean {
  return validate(text) && version(text) === 7;
}

/** The creation time inside an id, in milliseconds since 1970. */
export function idTimeMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The lowest id of a millisecond: the boundary of a partition or the start of a time range. */
export function firstIdAt(timeMs: number): string {
  const hex = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** One input of a call as people see it: `<callId>:<index>`. */
export function inputIdOf(callId: string, index: number): string {
  return `${callId}:${index}`;
}

/** The parts of an input id, or `undefined` when the text is not one. */
export function parseInputId(text: string): { callId: string; index: number } | undefined {
  const [callId = "", index = ""] = text.split(":");
  if (!isId(callId) || !/^\d{1,7}$/.test(index)) return undefined;
  return { callId, index: Number(index) };
}

/** An id is also known by its end, which is what tells those of one time apart: by so many characters at least. */
export const ID_END_MIN_CHARS = 6;
/** Calls in which an end is looked for, the newest of those that fit otherwise. Measured: an index for it made writing a call 40 % dearer. */
export const ID_ENDS_SEARCHED = 50_000;

const LOWEST_ID = "00000000-0000-0000-0000-000000000000";
const HIGHEST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

function hasShape(text: string, shape: string): boolean {
  return new RegExp(`^${shape.replaceAll("0", "[0-9a-f]")}$`).test(text);
}

/** The ids that begin like that, both ends included; undefined for what no id begins with. */
export function idsThatBeginWith(text: string): { lowId: string; highId: string } | undefined {
  const begin = text.toLowerCase();
  if (begin.length > LOWEST_ID.length || !hasShape(begin, LOWEST_ID.slice(0, begin.length))) return undefined;
  return { lowId: begin + LOWEST_ID.slice(begin.length), highId: begin + HIGHEST_ID.slice(begin.length) };
}

/** The text as the end of an id; undefined for what none ends with, and for what is too short to tell one. */
export function endOfId(text: string): string | undefined {
  const end = text.toLowerCase();
  if (end.length < ID_END_MIN_CHARS || end.length > LOWEST_ID.length) return undefined;
  return hasShape(end, LOWEST_ID.slice(-end.length)) ? end : undefined;
}
