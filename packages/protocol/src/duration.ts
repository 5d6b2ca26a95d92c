/**
 * Durations as people write them: milliseconds, or a number with a unit.
 * Everything inside Bellows counts in whole milliseconds; only the edge accepts strings.
 */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration, or `undefined` when it is not one (negative, not finite, unknown unit). */
export function parseDuration(duration: unknown): number | undefined {
  if (typeof duration === "number") {
    return Number.isFinite(duration) && duration >= 0 ? Math.round(duration) : undefined;
  }
  if (typeof duration !== "string") return undefined;
  const match = PATTERN.exec(duration);
  if (!match) return undefined;
  const unit = match[2] as keyof typeof MS_PER_UNIT;
  return Math.round(Number(match[1]) * MS_PER_UNIT[unit]);
}

/** The shortest exact way to write a number of milliseconds: `300000` is `"5m"`, `1500` is `"1500 ms"`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    const size = MS_PER_UNIT[unit];
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms} ms`;
}

const SPELLED_UNITS = { d: "d", h: "h", m: "min", s: "s", ms: "ms" } as const;

/** The same as part of a sentence: `20 min`, where `20m` could be metres. */
export function spellDuration(ms: number): string {
  return formatDuration(ms).replace(
    / ?(ms|[smhd])$/,
    (_, unit: keyof typeof SPELLED_UNITS) => ` ${SPELLED_UNITS[unit]}`,
  );
}

/** How long things are kept, in words: `a day`, `30 days`. */
export function inDays(ms: number): string {
  return ms === MS_PER_UNIT.d ? "a day" : `${ms / MS_PER_UNIT.d} days`;
}
