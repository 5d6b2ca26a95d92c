/**
 * What the API returns of the load of a function: what it did, and what other settings would have made of that. Plain JSON,
 * times in milliseconds since 1970.
 */
import type { AutoscalerSettings } from "./autoscaler-settings.ts";

/** Durations in milliseconds; null where nothing was measured. */
export interface Quantiles {
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

/** What a function did in some time. A wait is divided: for the start of a container, then in the queue. */
interface Load {
  arrived: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  /** In the queue, while a container was up for the input. */
  waitMs: Quantiles;
  /** For the start of a container; of inputs that came before theirs was ready. */
  startMs: Quantiles;
  /** Of attempts. */
  runMs: Quantiles;
  queuedMax: number;
  runningMax: number;
  containersMax: number;
  /** How many batches of which size; none where inputs are handed over one by one. */
  batchSizes: [size: number, count: number][];
}

/** From `atMs` on, for `LoadView.stepMs`. */
export interface LoadPoint extends Load {
  atMs: number;
}

/** How many inputs the quantiles are of. */
export interface LoadTotal extends Load {
  waited: number;
  started: number;
  ran: number;
}

/** What a function did between two times, in steps of equal length, oldest first; steps in which it was idle are left out. */
export interface LoadView {
  stepMs: number;
  points: LoadPoint[];
  total: LoadTotal;
}

/** What some settings would have made of some arrivals. */
export interface PreviewRun {
  settings: AutoscalerSettings;
  /** From coming to beginning. */
  waitMs: { p50: number; p95: number; p99: number };
  /** Inputs that came before the container was ready that ran them. */
  coldStarts: number;
  containerHours: number;
  gpuHours: number;
  /** Inputs without an output when counting ended. */
  unfinished: number;
  /** Equal parts of the time. */
  timeline: { atMs: number; arrived: number; waiting: number; running: number; containers: number }[];
}

/** Today's settings and edited ones, tried with the same inputs in virtual time. */
export interface PreviewView {
  arrivals: number;
  /** Of a pasted trace: milliseconds from its first input. */
  fromMs: number;
  toMs: number;
  /** What was taken for the time of a run and of a start, and where that comes from, in words. */
  model: { runMs: { p50: number; p99: number }; startMs: number; source: string };
  today: PreviewRun;
  edited: PreviewRun;
  tookMs: number;
}
