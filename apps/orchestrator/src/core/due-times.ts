/** What waits for its time: a binary heap, earliest first, equal times in the order of adding. */
export interface DueTimes<T> {
  readonly entries: { atMs: number; order: number; item: T }[];
  added: number;
}

export function emptyDueTimes<T>(): DueTimes<T> {
  return { entries: [], added: 0 };
}

/** The earliest time, or null when nothing waits. */
export function earliest(times: DueTimes<unknown>): number | null {
  return times.entries[0]?.atMs ?? null;
}

export function addAt<T>(times: DueTimes<T>, atMs: number, item: T): void {
  const { entries } = times;
  const entry = { atMs, order: times.added, item };
  times.added += 1;
  let at = entries.length;
  entries.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = entries[up];
    if (!parent || before(parent, entry)) break;
    entries[at] = parent;
    at = up;
  }
  entries[at] = entry;
}

/** Takes the earliest item whose time has come; undefined when there is none. */
export function takeDue<T>(times: DueTimes<T>, nowMs: number): T | undefined {
  const { entries } = times;
  const first = entries[0];
  if (!first || first.atMs > nowMs) return undefined;
  const last = entries.pop();
  if (last && last !== first) sink(entries, last);
  return first.item;
}

type Entry = { atMs: number; order: number };

function sink<E extends Entry>(entries: E[], entry: E): void {
  let at = 0;
  for (;;) {
    const left = entries[2 * at + 1];
    const right = entries[2 * at + 2];
    if (!left) break;
    const down = right && before(right, left) ? 2 * at + 2 : 2 * at + 1;
    const child = entries[down];
    if (!child || before(entry, child)) break;
    entries[at] = child;
    at = down;
  }
  entries[at] = entry;
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
