/**
 * The preview of a change of the autoscaler: what was recorded of a function (or a pasted trace) is replayed under today's
 * settings and under edited ones, side by side. Nothing of the function changes.
 */
import { containers } from "@bellows/db/schema/containers";
import { functionStats } from "@bellows/db/schema/function-stats";
import { functions } from "@bellows/db/schema/functions";
import { type AutoscalerChanges, parseAutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { InvalidError, NotFoundError } from "@bellows/protocol/errors";
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { ANY_GPU, gpuRequestOf } from "@bellows/protocol/gpus";
import { firstIdAt } from "@bellows/protocol/ids";
import type { PreviewView } from "@bellows/protocol/load-views";
import { and, asc, desc, eq, gte, isNotNull, lt, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { FunctionDirectory, FunctionRecord } from "../catalog/function-directory.ts";
import type { Engines } from "../engine/engines.ts";
import { METER_WINDOW_MS } from "../metering/function-meter.ts";
import { type Histogram, quantileOf } from "../metering/histogram.ts";
import { editedSettings } from "../preview/edited-settings.ts";
import { type JobArrivals, type JobResult, MOST_ARRIVALS, type PreviewJob } from "../preview/preview-job.ts";

export interface PreviewRequest {
  functionId: string;
  /** None, or an empty object: today's settings alone. */
  changes?: AutoscalerChanges | undefined;
  arrivals: { source: "recorded"; fromMs: number; toMs: number } | { source: "trace"; csv: string };
}

export interface PreviewDeps {
  db: NodePgDatabase;
  directory: Pick<FunctionDirectory, "byId">;
  engines: Pick<Engines, "reading" | "gpus">;
  runJob: (job: PreviewJob) => Promise<JobResult>;
  now: () => number;
  retentionMs: number;
}

/** Of which the times of starts are taken. */
const STARTS = 50;
/** Where no start was measured. */
const ASSUMED_START_MS = 1_000;

/** @throws NotFoundError; InvalidError for changes that are none, and for arrivals that are too few, too many or unreadable. */
export async function previewAutoscaler(deps: PreviewDeps, request: PreviewRequest): Promise<PreviewView> {
  const beganMs = performance.now();
  const { functionId, changes = {} } = request;
  const record = await deps.directory.byId(functionId);
  const [row] = await deps.db
    .select({ settings: functions.settings })
    .from(functions)
    .where(eq(functions.id, functionId));
  if (!record || !row) throw new NotFoundError(`there is no function ${functionId}; look it up again by app and name`);
  const parsed = asksNothing(changes) ? {} : parseAutoscalerChanges(changes);
  const edited = editedSettings(record.settings, row.settings, parsed);
  const arrivals = await jobArrivals(deps, request);
  const model = await modelOf(deps, request);
  const job = {
    arrivals,
    runMs: model.runMs,
    startMs: model.startMs,
    ...capacityOf(deps, record),
    drainMs: drainMs(record.settings, edited, model),
  };
  const [today, other] = await Promise.all([
    deps.runJob({ ...job, settings: record.settings }),
    deps.runJob({ ...job, settings: edited }),
  ]);
  return {
    arrivals: today.arrivals,
    fromMs: today.fromMs,
    toMs: today.toMs,
    model: { runMs: today.runMs, startMs: model.startMs, source: model.source },
    today: today.run,
    edited: other.run,
    tookMs: Math.round(performance.now() - beganMs),
  };
}

/** Whatever else it is, such as a list or a number, is for the parser to refuse. */
function asksNothing(changes: unknown): boolean {
  const isObject = typeof changes === "object" && changes !== null && !Array.isArray(changes);
  return isObject && Object.keys(changes).length === 0;
}

/** @throws InvalidError */
async function jobArrivals(
  { db, engines }: PreviewDeps,
  { functionId, arrivals }: PreviewRequest,
): Promise<JobArrivals> {
  if (arrivals.source === "trace") return arrivals;
  const { fromMs, toMs } = arrivals;
  if (toMs <= fromMs)
    throw new InvalidError(`toMs: ${toMs} is not after fromMs ${fromMs}; give a range that has time in it`);
  // A reading begins up to ten seconds before its last arrival.
  const within = readingsWithin(functionId, fromMs - METER_WINDOW_MS, toMs);
  const [sum] = await db
    .select({ arrived: sql<number>`coalesce(sum(arrived), 0)::float8` })
    .from(functionStats)
    .where(within);
  if (sum && sum.arrived > MOST_ARRIVALS) {
    throw new InvalidError(
      `${sum.arrived.toLocaleString("en")} inputs arrived in this time, and a preview takes ${MOST_ARRIVALS.toLocaleString("en")}; choose a shorter one`,
    );
  }
  const readings = await db
    .select({ atMs: functionStats.atMs, arrivals: sql<string>`${functionStats.arrivals}::text` })
    .from(functionStats)
    .where(within)
    .orderBy(asc(functionStats.id));
  const now = engines.reading(functionId);
  if (now) readings.push({ atMs: now.atMs, arrivals: JSON.stringify(now.arrivals) });
  return { source: "recorded", fromMs, toMs, readings };
}

function readingsWithin(functionId: string, fromMs: number, toMs: number) {
  return and(
    eq(functionStats.functionId, functionId),
    gte(functionStats.id, firstIdAt(fromMs)),
    lt(functionStats.id, firstIdAt(toMs)),
  );
}

interface Model {
  runMs: Histogram;
  startMs: number;
  source: string;
}

async function modelOf(deps: PreviewDeps, { functionId, arrivals }: PreviewRequest): Promise<Model> {
  const nowMs = deps.now();
  const ofRange =
    arrivals.source === "recorded" ? await recordedRuns(deps, functionId, arrivals.fromMs, arrivals.toMs) : [];
  const runMs =
    ofRange.length > 0 ? ofRange : await recordedRuns(deps, functionId, nowMs - deps.retentionMs, nowMs + 1);
  const starts = await recentStarts(deps.db, functionId);
  const startText =
    starts.length > 0
      ? `starts take what the middle of its last ${starts.length} took`
      : "no start was measured yet: 1 s is assumed";
  const runText =
    ofRange.length > 0 ? "run times as recorded in this time" : "run times as recorded, or as the trace says";
  return { runMs, startMs: starts[starts.length >> 1] ?? ASSUMED_START_MS, source: `${runText}; ${startText}` };
}

async function recordedRuns(
  { db, engines }: PreviewDeps,
  functionId: string,
  fromMs: number,
  toMs: number,
): Promise<Histogram> {
  const { rows } = await db.execute<{ below: number; count: number }>(sql`
    select (pair ->> 0)::float8 as below, sum((pair ->> 1)::bigint)::float8 as count
    from function_stats cross join lateral jsonb_array_elements(run_ms) as pair
    where ${readingsWithin(functionId, fromMs, toMs)} group by below order by below`);
  const stored: Histogram = rows.map(({ below, count }) => [below, count]);
  return stored.length > 0 ? stored : (engines.reading(functionId)?.runMs ?? []);
}

/** How long they took from being asked for to being ready, shortest first. */
async function recentStarts(db: NodePgDatabase, functionId: string): Promise<number[]> {
  const rows = await db
    .select({ createdAtMs: containers.createdAtMs, readyAtMs: containers.readyAtMs })
    .from(containers)
    .where(and(eq(containers.functionId, functionId), isNotNull(containers.readyAtMs)))
    .orderBy(desc(containers.id))
    .limit(STARTS);
  return rows.map(({ createdAtMs, readyAtMs }) => (readyAtMs ?? createdAtMs) - createdAtMs).sort((a, b) => a - b);
}

/** Other functions are taken to need nothing of it. */
function capacityOf({ engines }: PreviewDeps, { settings, limits }: FunctionRecord) {
  const wishes = settings.gpu?.map(gpuRequestOf) ?? [];
  const [first] = wishes;
  if (!first) return { environmentCap: limits.containers, gpusPerContainer: 0 };
  const fitting = engines
    .gpus()
    .devices.filter(({ name }) => wishes.some((wish) => wish.name === ANY_GPU || wish.name === name));
  const cap = Math.floor(fitting.length / first.count);
  return { environmentCap: Math.min(limits.containers, cap), gpusPerContainer: first.count };
}

/** Until the last input has ended and the containers have idled out, under either settings. */
function drainMs(today: FunctionSettings, edited: FunctionSettings, { runMs, startMs }: Model): number {
  return (
    Math.max(today.scaledownWindowMs, edited.scaledownWindowMs) +
    startMs +
    2 * (quantileOf(runMs, 1) ?? 0) +
    METER_WINDOW_MS
  );
}
