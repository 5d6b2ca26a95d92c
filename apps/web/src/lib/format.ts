/**
 * Numbers and times as people read them. Pure: the present comes in as an argument. Everything here is rounded for
 * reading; the exact value belongs in a `title` beside it.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What stands in place of a value that is not there yet. */
export const NOTHING = "–";

/** Three digits that matter: `0.4 ms`, `87 ms`, `1.24 s`, `3 m 05 s`, `2 h 10 m`, `4 d 3 h`. */
export function formatDurationMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return NOTHING;
  const value = Math.max(0, ms);
  if (value < 10 && !Number.isInteger(value)) return `${value.toFixed(1)} ms`;
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 9.995 * SECOND) return `${(value / SECOND).toFixed(2)} s`;
  if (value < 59.95 * SECOND) return `${(value / SECOND).toFixed(1)} s`;
  const seconds = Math.round(value / SECOND);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  const minutes = Math.round(value / MINUTE);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  const hours = Math.round(value / HOUR);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A duration that still grows, in whole seconds: digits that change faster than the screen is asked are noise. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  return seconds < 60 ? `${seconds} s` : formatDurationMs(seconds * SECOND);
}

/** `just now`, `12 s ago`, `3 min ago`, `in 2 h`. A clock that is a little behind must not put the past in the future. */
export function formatRelative(atMs: number, nowMs: number): string {
  const past = nowMs - atMs;
  const distance = Math.abs(past);
  if (distance < 5 * SECOND) return "just now";
  const text = distanceText(distance);
  return past > 0 ? `${text} ago` : `in ${text}`;
}

function distanceText(ms: number): string {
  if (ms < 59.5 * SECOND) return `${Math.round(ms / SECOND)} s`;
  if (ms < 59.5 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 23.5 * HOUR) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} d`;
}

/** Date, time and zone to the millisecond, in the reader's time zone unless one is given. */
export function formatExact(atMs: number, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const parts = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    ...zone,
  }).format(atMs);
  const name = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short", ...zone })
    .formatToParts(atMs)
    .find((part) => part.type === "timeZoneName")?.value;
  return `${parts}.${String(atMs % SECOND).padStart(3, "0")} ${name ?? ""}`.trimEnd();
}

/** Time of day with milliseconds, for log lines: `14:03:07.512`. */
export function formatClock(atMs: number, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(atMs);
}

/** `0 B`, `512 B`, `1.5 KiB`, `24 MiB`: binary units, as memory limits are given. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return NOTHING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1_023.5 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Whole numbers with thousands separated: `1,000,000`. */
export function formatCount(count: number | null | undefined): string {
  return count === null || count === undefined ? NOTHING : count.toLocaleString("en");
}

/** CPU in percent of one core. */
export function formatPercent(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) return NOTHING;
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** `0.4 /s`, `12 /s`, `23,400 /s`. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined) return NOTHING;
  const text = perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond));
  return `${text} /s`;
}

/** `1 input`, `3 inputs`. */
export function plural(count: number, noun: string, pluralNoun = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : pluralNoun}`;
}

/** What a call calls: of a class one of its methods, under the name that `bellows call` takes. */
export function methodName(functionName: string, method: string | null): string {
  return method === null ? functionName : `${functionName}.${method}`;
}

/**
 * The end of an id. Ids begin with their time, so the ids of one minute share their first eight digits; the last
 * eight are random and tell them apart.
 */
export function shortId(id: string): string {
  return id.slice(-8);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
