/**
 * `npm run bench -- scaling [--trace FILE]`: the autoscaler beside its peers, in virtual time. Prints a table for each trace
 * and start time, and writes a plot for each trace. Needs no Bellows, no network and no clock: the same every time.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { curveOf } from "./curve.ts";
import { compare, START_TIMES_MS } from "./measure.ts";
import { plotOf } from "./plot.ts";
import { loadSolver } from "./solver.ts";
import { curveTableOf, tableOf, verdictOf } from "./table.ts";
import { syntheticTraces, traceOf } from "./traces.ts";

const RECORDED = fileURLToPath(new URL("../../data/azure-llm-code-2023.csv", import.meta.url));
/** Those of the documentation, and those of somebody's own file, which are not kept. */
const PLOTS = fileURLToPath(new URL("../../../docs/images/scaling/", import.meta.url));
const OWN_PLOTS = fileURLToPath(new URL("../../plots/", import.meta.url));

/** Of one file, or of the recorded trace and the synthetic ones. */
export async function scalingBench(traceFile: string | undefined): Promise<void> {
  const file = traceFile ?? RECORDED;
  const real = await traceOf(file, basename(file, extname(file)));
  const solver = await loadSolver();
  const plots = traceFile === undefined ? PLOTS : OWN_PLOTS;
  await mkdir(plots, { recursive: true });
  const all = [];
  const curves = START_TIMES_MS.map((startMs) => curveOf(solver, real, startMs));
  for (const trace of traceFile === undefined ? [real, ...syntheticTraces()] : [real]) {
    const comparisons = START_TIMES_MS.map((startMs) => compare(solver, trace, startMs));
    for (const comparison of comparisons) console.log(tableOf(comparison));
    await writeFile(`${plots}${trace.name}.svg`, plotOf(comparisons, trace === real ? curves : []));
    all.push(...comparisons);
  }
  console.log(curveTableOf(curves));
  console.log(verdictOf(all, curves, real.name));
  console.log(`plots: ${plots}`);
}
