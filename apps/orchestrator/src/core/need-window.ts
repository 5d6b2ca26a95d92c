/**
 * The highest (or lowest) need of the last so many milliseconds. A need holds from when it is noted until the next
 * one is; only those that can still become the extreme are kept, so noting one takes constant time on average.
 */
export interface NeedWindow {
  readonly keep: "highest" | "lowest";
  /** The extreme first; each later one is less extreme and held until later. */
  entries: { need: number; untilMs: number }[];
}

export function emptyNeedWindow(keep: "highest" | "lowest"): NeedWindow {
  return { keep, entries: [] };
}

/** Notes the need from now on and returns the extreme of the last `spanMs`. Before the first note the need was zero. */
export function noteNeed(window: NeedWindow, need: number, nowMs: number, spanMs: number): number {
  const { entries } = window;
  const current = entries.at(-1);
  if (current) current.untilMs = nowMs;
  else entries.push({ need: 0, untilMs: nowMs });
  if (current?.need !== need) {
    while (entries.length > 0 && yields(window, entries.at(-1)?.need ?? 0, need)) entries.pop();
    entries.push({ need, untilMs: nowMs });
  }
  let expired = 0;
  while (expired < entries.length - 1 && (entries[expired]?.untilMs ?? 0) <= nowMs - spanMs) expired += 1;
  if (expired > 0) entries.splice(0, expired);
  return entries[0]?.need ?? need;
}

/** When the extreme leaves the window if the need stays as it is; infinite when it is the need itself. */
export function nextChangeMs(window: NeedWindow, spanMs: number): number {
  const first = window.entries[0];
  return first && window.entries.length > 1 ? first.untilMs + spanMs : Number.POSITIVE_INFINITY;
}

function yields(window: NeedWindow, old: number, need: number): boolean {
  return window.keep === "highest" ? old <= need : old >= need;
}
