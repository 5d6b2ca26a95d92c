/**
 * Shortcuts of two keys, `g` and then the key of a room, as a value: what was pressed before and what is pressed now
 * give what to do. Pure; the listener holds the state.
 */

export interface KeyPress {
  key: string;
  /** Ctrl, Alt or Meta was held: then it is the browser's. */
  modified: boolean;
  atMs: number;
}

export interface Pending {
  startedAtMs: number;
}

/** A `g` waits this long for its second key. */
const PATIENCE_MS = 1_200;
const LEADER = "g";

export function nextKey<Target>(
  pending: Pending | null,
  press: KeyPress,
  targets: ReadonlyMap<string, Target>,
): { pending: Pending | null; go: Target | undefined } {
  if (press.modified) return { pending: null, go: undefined };
  const waiting = pending !== null && press.atMs - pending.startedAtMs <= PATIENCE_MS;
  const go = waiting ? targets.get(press.key) : undefined;
  if (go !== undefined) return { pending: null, go };
  return { pending: press.key === LEADER ? { startedAtMs: press.atMs } : null, go: undefined };
}
