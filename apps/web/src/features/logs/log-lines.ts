/**
 * The lines of a log that a screen holds, as a value. Lines come from both ends: newer ones by asking again, earlier
 * ones when the reader wants them. What is held is bounded, the newest are kept; but what a reader has asked for is not
 * taken away again by lines that come.
 */
import type { LogLineView } from "@bellows/protocol/views";

export interface LogLines {
  /** Oldest first. */
  lines: readonly LogLineView[];
  hasEarlier: boolean;
}

export const NO_LINES: LogLines = { lines: [], hasEarlier: false };

/** As many come by themselves: more than a person scrolls through, few enough for a browser to lay out at once. */
export const MAX_LINES = 3_000;

/** Lines may come twice (two requests under way); each is shown once. */
export function appendLines(held: LogLines, newer: readonly LogLineView[]): LogLines {
  const known = new Set(held.lines.map(({ id }) => id));
  const fresh = newer.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return held;
  const lines = [...held.lines, ...fresh];
  const most = Math.max(MAX_LINES, held.lines.length);
  if (lines.length <= most) return { ...held, lines };
  return { lines: lines.slice(-most), hasEarlier: true };
}

export function prependLines(held: LogLines, earlier: readonly LogLineView[], hasEarlier: boolean): LogLines {
  const known = new Set(held.lines.map(({ id }) => id));
  return { lines: [...earlier.filter(({ id }) => !known.has(id)), ...held.lines], hasEarlier };
}
