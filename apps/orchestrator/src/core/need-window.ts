/**
 * The lowest need of the last so many milliseconds: what has lasted for all of them. A need holds from when it is noted until
 * the next one is; only those that can still become the lowest are kept, so noting one takes constant time on average.
 */
export interface NeedWindow {
  /** The lowest first; each later one is higher and held until later. */
  entries: { need: number; untilMs: number }[];
}

export function emptyNeedWindow(): NeedWindow {
  return { entries: [] };
}

/** Notes the need from now on and returns the lowest of the last `spanMs`. Before the first note the need was zero. */
export function noteNeed({ entries }: NeedWindow, need: number, nowMs: number, spanMs: number): number {
  const current = entries.at(-1);
  if (current) current.untilMs = nowMs;
  else entries.push({ need: 0, untilMs: nowMs });
  if (current?.need !== need) {
    while (entries.length > 0 && (entries.at(-1)?.need ?? 0) >= need) entries.pop();
    entries.push({ need, untilMs: nowMs });
  }
  let expired = 0;
  while (expired < entries.length - 1 && (entries[expired]?.untilMs ?? 0) <= nowMs - spanMs) expired += 1;
  if (expired > 0) entries.splice(0, expired);
  return entries[0]?.need ?? need;
}

/** When the lowest leaves the window if the need stays as it is; infinite when it is the need itself. */
export function nextChangeMs({ entries }: NeedWindow, spanMs: number): number {
  const [first] = entries;
  return first && entries.length > 1 ? first.untilMs + spanMs : Number.POSITIVE_INFINITY;
}
