/**
 * `npm run bench [-- NAME] [--json FILE]`: measures what NAME says (everything, when it is left out), a line a figure.
 * Each group of figures gets a Bellows and a Postgres of its own, so that none feels the one before. `scaling` needs
 * neither: it is computed.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { batchingComparison } from "./batching/compared.ts";
import { type Bed, onBed } from "./bed.ts";
import { conditions } from "./conditions.ts";
import { type LeftOut, type Line, textOf } from "./figure.ts";
import { batchingFigures } from "./figures/batching.ts";
import { coldStartFigures } from "./figures/cold-start.ts";
import { dockerColdStartFigures, withoutDocker } from "./figures/docker-cold-start.ts";
import { drainFigures } from "./figures/drain.ts";
import { intakeFigures } from "./figures/intake.ts";
import { manyAtOnceFigures } from "./figures/many-at-once.ts";
import { memoryFigures } from "./figures/memory.ts";
import { millionFigures } from "./figures/million.ts";
import { remoteFigures } from "./figures/remote.ts";
import { standbyFigures } from "./figures/standby.ts";
import { scalingBench } from "./scaling/scaling.ts";

/** What is measured, and on a Bellows with which settings. */
interface Measure {
  /** What is computed and not measured, in words, before the rest. */
  preface?: () => string;
  figures: (bed: Bed) => Promise<Line[]>;
  settings?: Record<string, string>;
  /** Why it cannot be measured here. */
  leftOut?: () => Promise<LeftOut | undefined>;
}

const DOCKER = { BELLOWS_DRIVER: "docker" };
const KEPT_READY = { BELLOWS_STANDBY: "1" };

const CALLS: Record<string, Measure> = {
  remote: { figures: remoteFigures },
  drain: { figures: drainFigures },
  intake: { figures: intakeFigures },
  memory: { figures: memoryFigures },
  million: { figures: millionFigures },
};
const COLD_START: Measure[] = [
  { figures: coldStartFigures },
  { figures: standbyFigures, settings: KEPT_READY },
  { figures: dockerColdStartFigures, settings: DOCKER, leftOut: withoutDocker },
  { figures: standbyFigures, settings: { ...DOCKER, ...KEPT_READY }, leftOut: withoutDocker },
  { figures: manyAtOnceFigures, settings: DOCKER, leftOut: withoutDocker },
];
const BATCHING: Measure[] = [{ preface: batchingComparison, figures: batchingFigures }];
/** Measured when nothing is named. */
const ALL: Measure[] = [...Object.values(CALLS), ...COLD_START, ...BATCHING];
const GROUPS: Record<string, Measure[]> = {
  calls: Object.values(CALLS),
  "cold-start": COLD_START,
  batching: BATCHING,
  ...Object.fromEntries(Object.entries(CALLS).map(([name, measure]) => [name, [measure]])),
};

const SCALING = "scaling";

interface Asked {
  measures: Measure[];
  /** The autoscaler beside its peers, which is computed. */
  scaling: boolean;
  traceFile: string | undefined;
  jsonFile: string | undefined;
}

const OPTIONS = { json: { type: "string" }, trace: { type: "string" } } as const;

/** What the arguments ask for, or the sentence that says what is wrong with them. */
function parse(args: string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
    const [name, ...more] = positionals;
    const measures = name === undefined ? ALL : name === SCALING ? [] : GROUPS[name];
    if (!measures || more.length > 0) return `there is no ${positionals.join(" ")}`;
    const scaling = name === undefined || name === SCALING;
    return { measures, scaling, traceFile: values.trace, jsonFile: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const asked = parse(process.argv.slice(2));
  if (typeof asked === "string") {
    console.error(`${asked}; what can be measured: ${[...Object.keys(GROUPS), SCALING].join(", ")}`);
    console.error("usage: npm run bench [-- NAME] [--json FILE], npm run bench -- scaling [--trace FILE]");
    return 2;
  }
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
  const lines: Line[] = [];
  for (const measure of asked.measures) {
    const leftOut = await measure.leftOut?.();
    if (measure.preface) console.log(measure.preface());
    const measured = leftOut
      ? [leftOut]
      : await onBed(
          interrupted.signal,
          async (bed) => {
            if (lines.length === 0) console.log(await conditions(bed));
            return measure.figures(bed);
          },
          measure.settings,
        );
    for (const line of measured) console.log(textOf(line));
    lines.push(...measured);
  }
  if (asked.scaling) await scalingBench(asked.traceFile);
  const figures = lines.filter((line) => !("leftOut" in line));
  if (asked.jsonFile !== undefined) await writeFile(asked.jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
