/**
 * How often a screen asks again. React Query stops asking while the page is hidden and asks at once when it is shown.
 * Answers that say the same keep their identity, so a screen where nothing happened does not render.
 */

/** Things that move: queues, containers, calls that run, logs. */
export const LIVE_MS = 1_000;
/** Lists that change when a person does something, and ends that were read to their end. */
export const CALM_MS = 5_000;

/** A list of many loaded pages is asked for page by page, so the longer it is the less often. */
const LIVE_PAGES = 2;

export function listIntervalMs(loadedPages: number): number {
  return loadedPages <= LIVE_PAGES ? LIVE_MS : CALM_MS;
}
