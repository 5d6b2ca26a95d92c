/**
 * One replay of arrivals under some settings, as plain data in and out, so that it can be handed to a thread. The same job
 * always gives the same answer, and two jobs that differ in their settings alone replay the same inputs.
 */
import { InvalidError } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import type { PreviewRun } from "@bellows/protocol/load-views";
import { simulate } from "../core/simulate.ts";
import { ARRIVAL_STEP_MS } from "../metering/function-meter.ts";
import { type Histogram, quantileOf } from "../metering/histogram.ts";
import { parseTrace, type Trace } from "./trace-csv.ts";

export const MOST_ARRIVALS = 250_000;
/** Fewer say nothing about waiting times. */
const LEAST_ARRIVALS = 10;
const TIMELINE_POINTS = 240;
const HOUR_SECONDS = 3_600;

export type JobArrivals =
  /** Readings of the function, with `arrivals` as the text of their JSON: parsing them takes time, too. */
  | { source: "recorded"; fromMs: number; toMs: number; readings: readonly { atMs: number; arrivals: string }[] }
  | { source: "trace"; csv: string };

export interface PreviewJob {
  arrivals: JobArrivals;
  /** Of the recorded run times; for arrivals that do not say how long they run. */
  runMs: Histogram;
  startMs: number;
  settings: FunctionSettings;
  environmentCap: number;
  gpusPerContainer: number;
  /** How long counting goes on after the last arrival may have come. */
  drainMs: number;
}

export interface JobResult {
  arrivals: number;
  /** Of a trace: from 0. */
  fromMs: number;
  toMs: number;
  runMs: { p50: number; p99: number };
  run: PreviewRun;
}

/** @throws InvalidError for arrivals that are too few, too many, or cannot be read. */
export function runPreviewJob(job: PreviewJob): JobResult {
  const { settings } = job;
  const { trace, fromMs, toMs } = traceOf(job.arrivals);
  const serviceMs = trace.serviceMs ?? sampled(job.runMs, trace.atMs.length);
  const { waitMs, coldStarts, containerSeconds, gpuSeconds, unfinished, timeline } = simulate({
    settings,
    arrivals: { atMs: trace.atMs, serviceMs },
    model: {
      startMs: () => job.startMs,
      // What was measured of inputs of batches is how long their batch ran; a trace speaks of single inputs.
      ...(trace.serviceMs ? {} : { batchMs: ([first = 0]: readonly number[]) => first }),
    },
    untilMs: toMs - fromMs + job.drainMs,
    environmentCap: job.environmentCap,
    gpusPerContainer: job.gpusPerContainer,
    timelinePoints: TIMELINE_POINTS,
  });
  const sorted = Float64Array.from(serviceMs).sort();
  return {
    arrivals: trace.atMs.length,
    fromMs,
    toMs,
    runMs: { p50: rank(sorted, 0.5), p99: rank(sorted, 0.99) },
    run: {
      settings: autoscalerSettings(settings),
      waitMs: { p50: waitMs.p50, p95: waitMs.p95, p99: waitMs.p99 },
      coldStarts,
      containerHours: containerSeconds / HOUR_SECONDS,
      gpuHours: gpuSeconds / HOUR_SECONDS,
      unfinished,
      timeline: timeline.map((point) => ({ ...point, atMs: fromMs + point.atMs })),
    },
  };
}

function autoscalerSettings(settings: FunctionSettings): PreviewRun["settings"] {
  const { minContainers, maxContainers, bufferContainers, scaledownWindowMs, scaleupWindowMs, targetInputs } = settings;
  return { minContainers, maxContainers, bufferContainers, scaledownWindowMs, scaleupWindowMs, targetInputs };
}

function traceOf(arrivals: JobArrivals): { trace: Trace; fromMs: number; toMs: number } {
  if (arrivals.source === "recorded") {
    const { fromMs, toMs, readings } = arrivals;
    const trace = { atMs: recordedTimes(readings, fromMs, toMs), serviceMs: null };
    if (trace.atMs.length < LEAST_ARRIVALS) {
      throw new InvalidError(`${tooFew(trace.atMs.length)} in this time; choose a longer one, or paste a trace`);
    }
    return { trace, fromMs, toMs };
  }
  const trace = parseTrace(arrivals.csv, MOST_ARRIVALS);
  if (trace.atMs.length < LEAST_ARRIVALS) {
    throw new InvalidError(
      `${tooFew(trace.atMs.length)} by the trace; paste one with at least ${LEAST_ARRIVALS} lines`,
    );
  }
  return { trace, fromMs: 0, toMs: trace.atMs.at(-1) ?? 0 };
}

function tooFew(count: number): string {
  return count === 0 ? "no input arrived" : `only ${count} input${count === 1 ? "" : "s"} arrived`;
}

/** From `fromMs` on; those of one step of a reading are spread evenly over it. */
function recordedTimes(
  readings: readonly { atMs: number; arrivals: string }[],
  fromMs: number,
  toMs: number,
): Float64Array {
  const times: number[] = [];
  for (const { atMs, arrivals } of readings) {
    const steps: MeterSteps = JSON.parse(arrivals);
    for (const [offsetMs, count] of steps) {
      for (let index = 0; index < count; index++) {
        const time = atMs + offsetMs + ((index + 0.5) / count) * ARRIVAL_STEP_MS;
        if (time >= fromMs && time < toMs) times.push(time - fromMs);
      }
    }
  }
  // Two readings of one time overlap, after a change of hands.
  return Float64Array.from(times).sort();
}

type MeterSteps = [offsetMs: number, count: number][];

/** The additive recurrence of the golden ratio: as even as random numbers are not, so that few inputs have the whole distribution. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** @throws InvalidError when nothing was recorded. */
function sampled(histogram: Histogram, count: number): Float64Array {
  if (histogram.length === 0) {
    throw new InvalidError(
      "no run time of this function is recorded yet; call it first, or write service_ms into the trace",
    );
  }
  const services = new Float64Array(count);
  for (let index = 0; index < count; index++) services[index] = quantileOf(histogram, ((index + 1) * GOLDEN) % 1) ?? 0;
  return services;
}

function rank(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
