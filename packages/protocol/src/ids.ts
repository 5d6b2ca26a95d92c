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
