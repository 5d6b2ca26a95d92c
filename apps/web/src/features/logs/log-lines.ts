/**
 * The lines of a log that a screen holds, as a value. Lines come from both ends: newer ones by asking again, earlier
 * ones when the reader wants them. What is held is bounded; the newest are kept.
 */
import type { LogLineView } from "@bellows/protocol/views";

export interface LogLines {
  /** Oldest first. */
  lines: readonly LogLineView[];
  hasEarlier: boolean;
}

export const NO_LINES: LogLines = { lines: [], hasEarlier: false };

/** More than a person scrolls through, few enough for a browser to lay out at once. */
export const MAX_LINES = 3_000;

/** Lines may come twice (two requests under way); each is shown once. */
export function appendLines(held: LogLines, newer: readonly LogLineView[]): LogLines {
  const known = new Set(held.lines.map(({ id }) => id));
  const fresh = newer.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return held;
  const lines = [...held.lines, ...fresh];
  if (lines.length <= MAX_LINES) return { ...held, lines };
  return { lines: lines.slice(-MAX_LINES), hasEarlier: true };
}

export function prependLines(held: LogLines, earlier: readonly LogLineView[], hasEarlier: boolean): LogLines {
  const known = new Set(held.lines.map(({ id }) => id));
  return { lines: [...earlier.filter(({ id }) => !known.has(id)), ...held.lines], hasEarlier };
}
