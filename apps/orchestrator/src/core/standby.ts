/**
 * How many booted containers are kept ready for which image: they take the code of any function that runs on it, so a cold
 * start has no process to wait for. Pure: time is passed in.
 */

/** When an image was wanted last. */
export interface ImageUse {
  key: string;
  lastUsedMs: number;
}

/** An image that nobody has wanted for so long has none any more. */
export const STANDBY_KEPT_MS = 10 * 60_000;

/**
 * The images that were used last, each with one, as far as the budget goes; the newest has what is left of it. Equal times
 * go by name, so that equal facts give the same answer.
 */
export function standbyTargets(
  uses: readonly ImageUse[],
  { budget, nowMs }: { budget: number; nowMs: number },
): Map<string, number> {
  const recent = uses
    .filter(({ lastUsedMs }) => nowMs - lastUsedMs < STANDBY_KEPT_MS)
    .sort((a, b) => b.lastUsedMs - a.lastUsedMs || (a.key < b.key ? -1 : 1))
    .slice(0, budget);
  const targets = new Map(recent.map(({ key }) => [key, 1]));
  const [newest] = recent;
  if (newest) targets.set(newest.key, budget - recent.length + 1);
  return targets;
}
