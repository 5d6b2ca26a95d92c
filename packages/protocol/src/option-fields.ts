/**
 * What the fields of options are made of: each says in its error what was written, the bound it broke, and the likely
 * intent.
 */
import * as z from "zod/mini";
import type { Duration } from "./duration.ts";
import { parseDuration, spellDuration } from "./duration.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A duration within bounds; a bare number that would fit as seconds is answered with that guess. */
export function duration(minMs: number, maxMs: number) {
  const inMs = z.transform((value: Duration, payload): number => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    // `continue` keeps the reason when the duration stands in one arm of a union.
    payload.issues.push({
      code: "custom",
      input: value,
      message: badDuration(value, ms, minMs, maxMs),
      continue: true,
    });
    return z.NEVER;
  });
  return z.pipe(z.custom<Duration>(), inMs);
}

function badDuration(value: Duration, ms: number | undefined, minMs: number, maxMs: number): string {
  if (ms === undefined) {
    return `${show(value)} is not a duration; write milliseconds or a string such as "100ms", "5s", "5m", "2h"`;
  }
  const side = ms < minMs ? `below ${spellDuration(minMs)}` : `above ${spellDuration(maxMs)}`;
  const asSeconds = typeof value === "number" ? value * SECOND : Number.NaN;
  const guess = asSeconds >= minMs && asSeconds <= maxMs ? `; did you mean "${value}s"?` : "";
  return `${typeof value === "number" ? `${value} ms` : show(value)} is ${side}${guess}`;
}

// One check a number: these are built at every cold start, and a chain of refinements took twice as long.
export function number(min: number, max: number, whole = false) {
  return z.number({ error: (issue) => `${show(issue.input)} is not a number` }).check(({ value, issues }) => {
    const message = outOfBounds(value, min, max, whole);
    if (message) issues.push({ code: "custom", input: value, message, continue: true });
  });
}

export function integer(min: number, max: number) {
  return number(min, max, true);
}

function outOfBounds(value: number, min: number, max: number, whole: boolean): string | undefined {
  if (value < min) return `${value} is below ${min}`;
  if (value > max) return `${value} is above ${max.toLocaleString("en")}`;
  return whole && !Number.isInteger(value) ? `${value} is not a whole number` : undefined;
}

/** An object with these fields and no others; `form` is how one looks. */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, form: string) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `there is no such option; the options are ${Object.keys(shape).join(", ")}`
        : `${show(issue.input)} is not ${form}`,
  });
}

export function text(form: string) {
  return z.string({ error: (issue) => `${show(issue.input)} is not ${form}` });
}

export const flag = z.boolean({ error: (issue) => `${show(issue.input)} is not true or false` });

export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** What is wrong, in words: the first thing, after where it is. `otherwise` when nothing is named. */
export function issueText(error: z.core.$ZodError, otherwise: string): string {
  const issue = error.issues[0];
  if (!issue) return otherwise;
  const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  // A wrong key of a record has its reason one level down.
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return path.length > 0 ? `${path.join(".")}: ${message}` : message;
}
