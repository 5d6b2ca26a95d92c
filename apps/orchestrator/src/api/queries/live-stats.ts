/** Numbers of running things, added up. They come from the engines' memory and are never stored. */
import type { FunctionStats, HandleStats } from "@bellows/protocol/views";
import type { Engines } from "../../engine/engines.ts";

export interface LiveTotals {
  liveContainers: number;
  queued: number;
  running: number;
}

export function liveTotals(engines: Pick<Engines, "stats">, functionIds: readonly string[]): LiveTotals {
  const totals: LiveTotals = { liveContainers: 0, queued: 0, running: 0 };
  for (const functionId of functionIds) {
    const stats = engines.stats(functionId);
    totals.liveContainers += containerCount(stats);
    totals.queued += stats.queued;
    totals.running += stats.running;
  }
  return totals;
}

/** The same numbers as a handle names them. */
export function handleStats(engines: Pick<Engines, "stats">, functionId: string): HandleStats {
  const stats = engines.stats(functionId);
  return { backlog: stats.queued, numTotalContainers: containerCount(stats), numRunningInputs: stats.running };
}

function containerCount({ containers }: FunctionStats): number {
  return containers.starting + containers.ready + containers.draining;
}
