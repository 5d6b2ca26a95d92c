/** Runs every contender over every trace with every start time, and puts each beside the clairvoyant bound. */
import { simulate } from "@bellows/orchestrator/simulate";
import type { SimulationResult } from "@bellows/orchestrator/simulation";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { clairvoyantBound } from "./bound.ts";
import { CONTENDERS, type Contender } from "./policies.ts";
import type { Solver } from "./solver.ts";
import type { Trace } from "./traces.ts";

export const START_TIMES_MS = [1_000, 15_000, 60_000];
/** As many as an environment allows by default. */
const MOST_CONTAINERS = 100;
/** Long enough for the slowest peer to let go of everything, which it pays for. */
const AFTERWARDS_MS = 20 * 60_000;

/** What a policy did with a trace, beside what a clairvoyant needs for the same 95th percentile. */
export interface Measured {
  result: SimulationResult;
  /** Containers that were started. */
  starts: number;
  /** Container-seconds that a clairvoyant needs. */
  boundSeconds: number;
  /** Its cost in bounds. */
  ratio: number;
}

export interface Row extends Measured {
  contender: Contender;
  /** Another that waits less and costs less. */
  dominatedBy: string | null;
}

export interface Comparison {
  trace: Trace;
  startMs: number;
  rows: Row[];
}

export function compare(solver: Solver, trace: Trace, startMs: number): Comparison {
  const measured = CONTENDERS.map((contender) => ({ contender, ...measure(solver, trace, startMs, contender) }));
  const rows = measured.map((row) => {
    const better = measured.find(({ result }) => isBetter(result, row.result));
    return { ...row, dominatedBy: better?.contender.name ?? null };
  });
  return { trace, startMs, rows };
}

/** @throws Error when it leaves inputs behind. */
export function measure(
  solver: Solver,
  trace: Trace,
  startMs: number,
  { options, policy }: Pick<Contender, "options" | "policy">,
): Measured {
  const { arrivals } = trace;
  const lastMs = arrivals.atMs[arrivals.atMs.length - 1] ?? 0;
  let starts = 0;
  const takenToStart = () => {
    starts += 1;
    return startMs;
  };
  const result = simulate({
    settings: parseFunctionOptions({ maxContainers: MOST_CONTAINERS, ...options }),
    arrivals,
    model: { startMs: takenToStart },
    untilMs: lastMs + AFTERWARDS_MS,
    ...(policy ? { policy: policy() } : {}),
    environmentCap: MOST_CONTAINERS,
    gpusPerContainer: 0,
    timelinePoints: 0,
  });
  if (result.unfinished > 0) throw new Error(`${result.unfinished} inputs of ${trace.name} are left`);
  const boundSeconds = clairvoyantBound(solver, { arrivals, startMs, waitMs: result.waitMs.p95 });
  return { result, starts, boundSeconds, ratio: result.containerSeconds / boundSeconds };
}

/** On both axes. */
export function isBetter(one: SimulationResult, other: SimulationResult): boolean {
  return one.waitMs.p95 < other.waitMs.p95 && one.containerSeconds < other.containerSeconds;
}
