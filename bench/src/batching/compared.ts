/**
 * The first half of `npm run bench -- batching`: when a batch goes out, by our rule and by those of Ray Serve and Triton, under
 * loads from idle to more than can be done. In virtual time: the same every time.
 */
import type { BatchRule } from "@bellows/orchestrator/state";
import { BATCHING, MOST_PER_SECOND } from "./kernel.ts";
import { rayServe } from "./rules/ray-serve.ts";
import { triton } from "./rules/triton.ts";
import { bestFixedDelay, type Outcome, outcomeOf } from "./simulated.ts";
import { bursts, type Load, poisson } from "./workload.ts";

const SECONDS = 120;

const RULES: Record<string, BatchRule | undefined> = {
  "* Bellows": undefined,
  "  Ray Serve": rayServe,
  [`  Triton, delay ${BATCHING.waitMs} ms`]: triton(BATCHING.waitMs),
  "  Triton, its default of 0": triton(0),
};

/** One table for each load. */
export function batchingComparison(): string {
  return loads().map(comparisonOf).join("\n");
}

function loads(): Load[] {
  const rates = [2, 10, 50, 100, 200, 300, 360, 500];
  return [...rates.map((rate) => poisson(rate, SECONDS)), bursts(16, 1_000, SECONDS), bursts(40, 1_000, SECONDS)];
}

function comparisonOf(load: Load): string {
  const ideal = bestFixedDelay(load);
  const rows = Object.entries(RULES).map(([name, rule]) => row(name, outcomeOf(load, rule), ideal.meanMs));
  return [
    `${load.name}, of ${Math.round(MOST_PER_SECOND)} a second that can be done`,
    line("rule", "latency", "x best", "p95 wait", "batch", "inputs/s"),
    ...rows,
    row(`  best fixed delay: ${ideal.delayMs} ms`, ideal, ideal.meanMs),
    "",
  ].join("\n");
}

function row(name: string, { meanMs, waitP95Ms, meanBatch, perSecond }: Outcome, idealMs: number): string {
  return line(
    name,
    `${meanMs.toFixed(0)} ms`,
    (meanMs / idealMs).toFixed(2),
    `${waitP95Ms.toFixed(0)} ms`,
    meanBatch.toFixed(1),
    perSecond.toFixed(0),
  );
}

function line(first: string, ...cells: string[]): string {
  return [first.padEnd(28), ...cells.map((cell) => cell.padStart(10))].join("");
}
