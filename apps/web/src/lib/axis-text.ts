/** What stands at the ticks of a chart: as short as it can be read. Pure. */

const HOUR_MS = 3_600_000;
const UNITS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** `0`, `0.5`, `12`, `1.5k`, `2M`. */
export function axisNumber(value: number): string {
  const [size, unit] = UNITS.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

/** `14:05`, with seconds where the ticks are closer than minutes, with the day where they are further than hours. */
export function axisTime(atMs: number, ticksMs: readonly number[], timeZone?: string): string {
  const stepMs = (ticksMs[1] ?? 0) - (ticksMs[0] ?? 0);
  const parts: Intl.DateTimeFormatOptions =
    stepMs > 12 * HOUR_MS
      ? { day: "numeric", month: "short" }
      : { hour: "2-digit", minute: "2-digit", ...(stepMs < 60_000 ? { second: "2-digit" } : {}) };
  return new Intl.DateTimeFormat("en-GB", { ...parts, ...(timeZone === undefined ? {} : { timeZone }) }).format(atMs);
}

/** Time since a start: `0`, `45 s`, `12 min`, `1 h 30`. */
export function axisElapsed(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds === 0) return "0";
  if (seconds % 60 !== 0) return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = seconds / 60;
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60}`;
}

/** Durations on an axis: `20 ms`, `1.5 s`, `3 min`. */
export function axisDuration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toPrecision(3))} ms`;
  return ms < 60_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : `${Number((ms / 60_000).toPrecision(3))} min`;
}
