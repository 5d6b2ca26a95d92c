/**
 * Takes the values of secrets out of what is logged. Only exact values are found: one that code has encoded, cut or put
 * together anew is not. Short ones are left, for they would be found everywhere.
 */
import type { LogItem } from "@bellows/protocol/frame-parts";

const MASK = "***";
const MIN_CHARS = 6;

export type Mask = (lines: readonly LogItem[]) => LogItem[];

export function maskOf(values: readonly string[]): Mask {
  // A value of several lines comes line by line. Longest first, so that no part of one stays.
  const texts = [...new Set(values.flatMap((value) => value.split(/\r?\n/)))]
    .filter((text) => text.length >= MIN_CHARS)
    .sort((a, b) => b.length - a.length);
  if (texts.length === 0) return (lines) => [...lines];
  const masked = (text: string): string => texts.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  return (lines) => lines.map(([atMs, stream, callId, index, text]) => [atMs, stream, callId, index, masked(text)]);
}
