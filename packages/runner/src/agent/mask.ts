/**
 * Takes the values of secrets out of what is logged. Only exact values are found: one that code has encoded, cut or put
 * together anew is not. Short ones are left, for they would be found everywhere.
 */
import type { LogItem } from "@bellows/protocol/frame-parts";
import { LIMITS } from "@bellows/protocol/limits";

const MASK = "***";
const MIN_CHARS = 6;
/** What workers write behind a line that they have cut; it says how much is missing. The function has not printed it. */
const CUT_NOTE = / \[[\d,]+ characters cut\]$/;

/** Takes lines in the order in which they were printed. */
export type Mask = (lines: readonly LogItem[]) => LogItem[];

export function maskOf(values: readonly string[]): Mask {
  // A value of several lines comes line by line. Longest first, so that no part of one stays.
  const lines = new Set(values.flatMap((value) => value.split(/\r?\n/)));
  const texts = longestFirst([...lines].filter((text) => text.length >= MIN_CHARS));
  if (texts.length === 0) return (printed) => [...printed];
  /** How the next line of a stream may go on, where one that is too long for a line was cut inside of a value. */
  const open = new Map<string, readonly string[]>();

  function masked([, stream, callId, index, text]: LogItem): string {
    const key = `${stream} ${callId} ${index}`;
    const note = (text.length > LIMITS.logLineChars && CUT_NOTE.exec(text)?.[0]) || "";
    const printed = text.slice(0, text.length - note.length);
    const end = open.get(key)?.find((rest) => printed.startsWith(rest)) ?? "";
    open.delete(key);
    const whole = texts.reduce((left, secret) => left.replaceAll(secret, MASK), printed.slice(end.length));
    const head = end === "" ? "" : MASK;
    // A piece is one character short of the limit where the next one is half of a pair.
    if (printed.length < LIMITS.logLineChars - 1) return head + whole;
    const cuts = texts.flatMap((secret) => beginsAtEnd(whole, secret).map((chars) => ({ secret, chars })));
    if (cuts.length === 0) return head + whole + note;
    if (note === "") open.set(key, longestFirst(cuts.map(({ secret, chars }) => secret.slice(chars))));
    const longest = Math.max(...cuts.map(({ chars }) => chars));
    return head + whole.slice(0, -longest) + MASK + note;
  }

  return (printed) => printed.map((line) => [line[0], line[1], line[2], line[3], masked(line)]);
}

/** How many characters at the end of a text may be the beginning of a value, and not all of it. */
function beginsAtEnd(text: string, value: string): number[] {
  const lengths = Array.from({ length: value.length - 1 }, (_, i) => i + 1);
  return lengths.filter((chars) => text.endsWith(value.slice(0, chars)));
}

function longestFirst(texts: readonly string[]): string[] {
  return [...texts].sort((a, b) => b.length - a.length);
}
