/** How long to wait before the next attempt at a connection. */

const FIRST_MS = 50;
const HIGHEST_MS = 2_000;

/**
 * Doubles from 50 ms to 2 s. `random` (0..1) spreads it over the upper half, so that many clients of a restarted
 * orchestrator do not come back in step.
 */
export function backoffMs(failedAttempts: number, random: number): number {
  const full = Math.min(HIGHEST_MS, FIRST_MS * 2 ** Math.max(0, failedAttempts - 1));
  return Math.round(full * (0.5 + random / 2));
}
