/** What a simulation measures, counted as it goes: one number an input, and the timeline. */
import type { Simulation, SimulationResult, TimelinePoint } from "./simulation.ts";

export class SimulatedCounts {
  finished = 0;
  decisions = 0;
  readonly #arrivals: Simulation["arrivals"];
  readonly #gpusPerContainer: number;
  readonly #waits: Float64Array;
  readonly #timeline: TimelinePoint[] = [];
  readonly #stepMs: number;
  #arrived = 0;
  #begun = 0;
  #coldStarts = 0;
  #containerMs = 0;
  #level = { waiting: 0, running: 0, containers: 0 };

  constructor({ arrivals, untilMs, timelinePoints, gpusPerContainer }: Simulation) {
    this.#arrivals = arrivals;
    this.#gpusPerContainer = gpusPerContainer;
    this.#waits = new Float64Array(arrivals.atMs.length);
    this.#stepMs = timelinePoints > 0 ? Math.max(1, untilMs / timelinePoints) : Number.POSITIVE_INFINITY;
    if (timelinePoints === 0) return;
    for (let point = 0; point < timelinePoints; point++) {
      this.#timeline.push({ atMs: point * this.#stepMs, arrived: 0, waiting: 0, running: 0, containers: 0 });
    }
  }

  arrived(nowMs: number, count: number): void {
    this.#arrived += count;
    const point = this.#pointAt(nowMs);
    if (point) point.arrived += count;
  }

  /** An input begins in a container that was ready at `readyMs`. */
  began(index: number, readyMs: number, nowMs: number): void {
    const cameMs = this.#arrivals.atMs[index] ?? nowMs;
    this.#waits[this.#begun] = nowMs - cameMs;
    this.#begun += 1;
    if (readyMs > cameMs) this.#coldStarts += 1;
  }

  containerEnded(startedMs: number, nowMs: number): void {
    this.#containerMs += nowMs - startedMs;
  }

  /** The levels from now on. */
  observe(nowMs: number, waiting: number, running: number, containers: number): void {
    if (this.#timeline.length === 0) return;
    this.#fillTo(nowMs);
    this.#level = { waiting, running, containers };
    raise(this.#pointAt(nowMs), this.#level);
  }

  result(untilMs: number): SimulationResult {
    if (this.#timeline.length > 0) this.#fillTo(untilMs);
    const waits = this.#waits.subarray(0, this.#begun).sort();
    const containerSeconds = this.#containerMs / 1_000;
    return {
      waitMs: {
        p50: quantile(waits, 0.5),
        p95: quantile(waits, 0.95),
        p99: quantile(waits, 0.99),
        mean: waits.length > 0 ? waits.reduce((sum, wait) => sum + wait, 0) / waits.length : 0,
      },
      coldStarts: this.#coldStarts,
      containerSeconds,
      gpuSeconds: containerSeconds * this.#gpusPerContainer,
      unfinished: this.#arrived - this.finished,
      decisions: this.decisions,
      timeline: this.#timeline,
    };
  }

  #filledTo = 0;

  /** Points that nothing happened in have the level before them. */
  #fillTo(nowMs: number): void {
    const end = Math.min(this.#timeline.length - 1, Math.floor(nowMs / this.#stepMs));
    for (; this.#filledTo <= end; this.#filledTo++) raise(this.#timeline[this.#filledTo], this.#level);
  }

  #pointAt(nowMs: number): TimelinePoint | undefined {
    return this.#timeline[Math.min(this.#timeline.length - 1, Math.floor(nowMs / this.#stepMs))];
  }
}

function raise(
  point: TimelinePoint | undefined,
  level: { waiting: number; running: number; containers: number },
): void {
  if (!point) return;
  point.waiting = Math.max(point.waiting, level.waiting);
  point.running = Math.max(point.running, level.running);
  point.containers = Math.max(point.containers, level.containers);
}

/** The nearest rank of sorted values; 0 of none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
