/**
 * What waiting buys: our policy with fewer and fewer containers, which are let go at once. Each point is beside the bound for
 * its own 95th percentile.
 */
import { type Measured, measure } from "./measure.ts";
import type { Solver } from "./solver.ts";
import type { Trace } from "./traces.ts";

export interface Curve {
  startMs: number;
  points: (Measured & { maxContainers: number })[];
}

const MAX_CONTAINERS = [3, 4, 5, 6, 8, 12, 20, 50];
/** The shortest there is. */
export const CURVE_WINDOW = "2s";

export function curveOf(solver: Solver, trace: Trace, startMs: number): Curve {
  const points = MAX_CONTAINERS.map((maxContainers) => {
    const options = { maxContainers, scaledownWindow: CURVE_WINDOW } as const;
    return { maxContainers, ...measure(solver, trace, startMs, { options }) };
  });
  return { startMs, points };
}
