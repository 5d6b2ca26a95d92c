/**
 * What one function does, counted in memory and handed over every ten seconds: a process that is killed loses at most
 * that much. Counting one input is a few additions in arrays that are there already; a function without inputs and containers hands over nothing.
 *
 * The wait of an input that came before its container was ready is divided: until then it waited for the start, after it
 * in the queue. So queue, start and run add up to what its caller waited.
 */
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import type { InputOutput } from "../core/events.ts";
import { BUCKET_COUNT, bucketOf, type Histogram, histogramOf } from "./histogram.ts";

export const METER_WINDOW_MS = 10_000;
export const ARRIVAL_STEP_MS = 100;
const ARRIVAL_STEPS = METER_WINDOW_MS / ARRIVAL_STEP_MS;

/** What a function did in the ten seconds from `atMs` on. */
export interface MeterReading {
  atMs: number;
  arrived: number;
  /** `[milliseconds after atMs, inputs]`, in steps of `ARRIVAL_STEP_MS`. */
  arrivals: [offsetMs: number, count: number][];
  succeeded: number;
  failed: number;
  cancelled: number;
  queueMs: Histogram;
  /** Of inputs that came before the container was ready that ran them. */
  startMs: Histogram;
  /** Of attempts. */
  runMs: Histogram;
  batchSizes: [size: number, count: number][];
  queuedMax: number;
  runningMax: number;
  containersMax: number;
}

export class FunctionMeter {
  readonly #handOver: (reading: MeterReading) => void;
  readonly #readyAtMs: (containerId: string) => number | undefined;
  readonly #arrivals = new Uint32Array(ARRIVAL_STEPS);
  /** By `OUTPUT_STATUS`. */
  readonly #ends = new Uint32Array(Object.keys(OUTPUT_STATUS).length);
  readonly #queue = new Uint32Array(BUCKET_COUNT);
  readonly #start = new Uint32Array(BUCKET_COUNT);
  readonly #run = new Uint32Array(BUCKET_COUNT);
  readonly #batchSizes = new Map<number, number>();
  readonly #max = { queued: 0, running: 0, containers: 0 };
  #arrived = 0;
  #atMs = 0;
  /** Outputs come container by container: the one asked for last is the next one mostly. */
  #container: { id: string; readyAtMs: number } = { id: "", readyAtMs: 0 };

  constructor(deps: {
    handOver: (reading: MeterReading) => void;
    /** When a container was first ready; undefined for one that is not known any more. */
    readyAtMs: (containerId: string) => number | undefined;
  }) {
    this.#handOver = deps.handOver;
    this.#readyAtMs = deps.readyAtMs;
  }

  /** What is counted from now on happened at this time. */
  at(nowMs: number): void {
    if (nowMs < this.#atMs + METER_WINDOW_MS && nowMs >= this.#atMs) return;
    this.handOver();
    this.#atMs = nowMs - (nowMs % METER_WINDOW_MS);
  }

  /** Inputs have come in, at this time. */
  arrived(count: number, nowMs: number): void {
    this.at(nowMs);
    this.#arrived += count;
    increase(this.#arrivals, Math.floor((nowMs - this.#atMs) / ARRIVAL_STEP_MS), count);
  }

  ended({ status, attempts, containerId, queuedAtMs, startedAtMs, finishedAtMs }: InputOutput): void {
    increase(this.#ends, status, 1);
    if (startedAtMs === null || containerId === null) return;
    this.ran(startedAtMs, finishedAtMs);
    // Of a later attempt it is not known since when it waited.
    if (attempts !== 1) return;
    const readyAtMs = this.#readyTime(containerId);
    if (queuedAtMs >= readyAtMs) return increase(this.#queue, bucketOf(startedAtMs - queuedAtMs), 1);
    const upAtMs = Math.min(readyAtMs, startedAtMs);
    increase(this.#start, bucketOf(upAtMs - queuedAtMs), 1);
    increase(this.#queue, bucketOf(startedAtMs - upAtMs), 1);
  }

  /** An attempt, whatever became of it. */
  ran(startedAtMs: number, finishedAtMs: number): void {
    increase(this.#run, bucketOf(finishedAtMs - startedAtMs), 1);
  }

  /** So many inputs were handed over as one batch. */
  batch(size: number): void {
    this.#batchSizes.set(size, (this.#batchSizes.get(size) ?? 0) + 1);
  }

  sample(queued: number, running: number, containers: number): void {
    const max = this.#max;
    if (queued > max.queued) max.queued = queued;
    if (running > max.running) max.running = running;
    if (containers > max.containers) max.containers = containers;
  }

  /** What was counted since the last hand-over; undefined when nothing was. */
  reading(): MeterReading | undefined {
    const { queued, running, containers } = this.#max;
    const [succeeded = 0, failed = 0, cancelled = 0] = this.#ends;
    if (this.#arrived + succeeded + failed + cancelled + queued + running + containers === 0) return undefined;
    return {
      atMs: this.#atMs,
      arrived: this.#arrived,
      arrivals: arrivalsOf(this.#arrivals),
      succeeded,
      failed,
      cancelled,
      queueMs: histogramOf(this.#queue),
      startMs: histogramOf(this.#start),
      runMs: histogramOf(this.#run),
      batchSizes: [...this.#batchSizes].sort(([a], [b]) => a - b),
      queuedMax: queued,
      runningMax: running,
      containersMax: containers,
    };
  }

  /** Hands over what was counted so far, and begins anew. */
  handOver(): void {
    const reading = this.reading();
    if (!reading) return;
    for (const counts of [this.#arrivals, this.#ends, this.#queue, this.#start, this.#run]) counts.fill(0);
    this.#batchSizes.clear();
    this.#arrived = 0;
    Object.assign(this.#max, { queued: 0, running: 0, containers: 0 });
    this.#container = { id: "", readyAtMs: 0 };
    this.#handOver(reading);
  }

  /** Of a container that is not known, or was never seen to be ready, nothing waited for the start. */
  #readyTime(containerId: string): number {
    if (this.#container.id === containerId) return this.#container.readyAtMs;
    const readyAtMs = this.#readyAtMs(containerId) ?? 0;
    this.#container = { id: containerId, readyAtMs: Number.isFinite(readyAtMs) ? readyAtMs : 0 };
    return this.#container.readyAtMs;
  }
}

function increase(counts: Uint32Array, at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}

function arrivalsOf(counts: Uint32Array): MeterReading["arrivals"] {
  const arrivals: MeterReading["arrivals"] = [];
  for (let step = 0; step < counts.length; step++) {
    const count = counts[step] ?? 0;
    if (count > 0) arrivals.push([step * ARRIVAL_STEP_MS, count]);
  }
  return arrivals;
}
