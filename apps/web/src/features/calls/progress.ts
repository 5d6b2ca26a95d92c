/** The progress of a call as numbers: how far it is, how fast it goes, how long it will take. Pure. */
import type { CallView } from "@bellows/protocol/call-views";

export interface Progress {
  /** Inputs that have ended, however they did. */
  done: number;
  /** Inputs known so far. */
  total: number;
  /** More inputs may still come. */
  open: boolean;
}

export function progressOf({
  counts,
  inputCount,
  receivedCount,
}: Pick<CallView, "counts" | "inputCount" | "receivedCount">): Progress {
  return {
    done: counts.succeeded + counts.failed + counts.cancelled,
    total: inputCount ?? receivedCount,
    open: inputCount === null,
  };
}

/** How many inputs had ended at a moment. */
export interface Sample {
  atMs: number;
  done: number;
}

/** A rate is of the last so long: shorter ones jump, longer ones lag behind what happens. */
const WINDOW_MS = 15_000;
/** Two samples closer than this say nothing. */
const SHORTEST_MS = 900;

/** The samples with one more; those too old to matter go. One older than the window stays, so that it is spanned. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && sample.atMs - last.atMs < SHORTEST_MS) return samples;
  // A call that was retried has fewer ended inputs than before: what was measured is of its earlier life.
  if (last && sample.done < last.done) return [sample];
  const firstInside = samples.findIndex(({ atMs }) => atMs >= sample.atMs - WINDOW_MS);
  return [...samples.slice(Math.max(0, (firstInside < 0 ? samples.length : firstInside) - 1)), sample];
}

/** Inputs that end per second; null while too little was seen. */
export function ratePerSecond(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.atMs - first.atMs < SHORTEST_MS) return null;
  return ((last.done - first.done) * 1_000) / (last.atMs - first.atMs);
}

/** How long the rest takes at this rate; null when nobody can say. */
export function remainingMs({ done, total, open }: Progress, rate: number | null): number | null {
  if (open || rate === null || rate <= 0) return null;
  return ((total - done) / rate) * 1_000;
}
