/** What a page costs: the rows that Postgres touches for it, which must not grow with the tables. */
import { environments } from "@bellows/db/schema/environments";
import { firstIdAt, ID_ENDS_SEARCHED, newId } from "@bellows/protocol/ids";
import { beforeAll, expect, it } from "vitest";
import { addCall, deployTestApp, testStack } from "../testing-stack.ts";
import { listCalls } from "./calls.ts";
import { listContainers } from "./containers.ts";
import { getInput } from "./input-detail.ts";
import { listInputs } from "./inputs.ts";
import { listLogs } from "./logs.ts";
import { rowsTouched, sumOf } from "./testing-cost.ts";

const LIMIT = 50;
/** A page, the rows joined to it, and some slack; the tables hold a hundred times as many. */
const MAX_ROWS_TOUCHED = 10 * LIMIT;

const stack = await testStack();
const { pool, engines, environmentId } = stack;
const { appId, functions, deploymentId } = await deployTestApp(stack, "large", { busy: {}, quiet: {} });
await stack.db.insert(environments).values({ id: newId(), name: "empty", createdAtMs: 0 });
await deployTestApp(stack, "elsewhere", { fn: {} }, { environment: "empty" });
const [busy = "", quiet = ""] = functions.map(({ id }) => id);
/** Older than all others. */
const callId = await addCall(
  stack,
  { appId, functionId: busy },
  { id: newId(Date.now() - 120_000), receivedCount: 60_000 },
);

/** An id of this millisecond that sorts by `n`. */
const numberedId = `('${firstIdAt(Date.now()).slice(0, 18)}' || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;

beforeAll(async () => {
  await pool.query(
    `insert into outputs (call_id, idx, status, attempts, queued_at_ms, started_at_ms, finished_at_ms, payload)
     select $1, n, case when n % 20000 = 7 then 1 else 0 end, 1, 1, 2, 3, '\\x01' from generate_series(0, 49999) n`,
    [callId],
  );
  await pool.query(
    `insert into input_chunks (call_id, first_index, count, inputs)
     select $1, n * 512, 1, '\\x00000001c0' from generate_series(0, 110) n`,
    [callId],
  );
  await pool.query(
    `insert into calls (id, function_id, app_id, environment_id, kind, state, input_count, received_count, succeeded_count, failed_count, cancelled_count, parent_call_id, parent_index)
     select ${numberedId}, $1, $2, $3, 'spawn', case when n % 500 = 0 then 'failed' else 'succeeded' end, 1, 1, 1, 0, 0,
            case when n % 3 = 0 then $4::uuid end, case when n % 3 = 0 then 0 end
     from generate_series(1, 60000) n`,
    [busy, appId, environmentId, callId],
  );
  await pool.query(
    `insert into containers (id, function_id, deployment_id, driver, state, created_at_ms, stopped_at_ms)
     select ${numberedId}, $1, $2, 'process', case when n > 29990 then 'ready' else 'stopped' end, 1, case when n > 29990 then null else 2 end
     from generate_series(1, 30000) n`,
    [busy, deploymentId],
  );
  await pool.query(
    `insert into logs (id, function_id, container_id, call_id, idx, at_ms, stream, text)
     select ${numberedId}, $1, $2, $3, n, n, 'stdout', 'text' from generate_series(1, 50000) n`,
    [busy, newId(), callId],
  );
  await pool.query("analyze");
});

type Deps = Parameters<typeof getInput>[0] & Parameters<typeof listContainers>[0];

/** The most rows that one of the statements of `run` touches. */
async function costOf(run: (deps: Deps) => Promise<unknown>): Promise<number> {
  const touched = await rowsTouched(pool, (db) =>
    run({ db, engines, gpuUsages: stack.gpuUsages, now: Date.now, retentionMs: 1 }),
  );
  expect(touched.length).toBeGreaterThan(0);
  return Math.max(...touched.map(sumOf));
}

const page = { limit: LIMIT };
const filter = { includeGone: false };

it.each<[string, (deps: Deps) => Promise<unknown>]>([
  ["the newest calls", (deps) => listCalls(deps, {}, page)],
  ["the calls of an environment", (deps) => listCalls(deps, { environment: "main" }, page)],
  ["the calls of an app", (deps) => listCalls(deps, { appId }, page)],
  ["the calls of a function", (deps) => listCalls(deps, { functionId: busy }, page)],
  ["the calls of a function without any", (deps) => listCalls(deps, { functionId: quiet }, page)],
  ["the calls of a function that succeeded", (deps) => listCalls(deps, { functionId: busy, state: "succeeded" }, page)],
  ["the calls of a function that failed", (deps) => listCalls(deps, { functionId: busy, state: "failed" }, page)],
  ["the calls of a name", (deps) => listCalls(deps, { search: "bus" }, page)],
  ["the calls of a name without any", (deps) => listCalls(deps, { search: "quiet" }, page)],
  ["the calls of a name that there is not", (deps) => listCalls(deps, { search: "nobody" }, page)],
  ["the failed calls of a name", (deps) => listCalls(deps, { search: "large", state: "failed" }, page)],
  ["the calls of an id", (deps) => listCalls(deps, { search: callId.slice(0, 30) }, page)],
  ["the calls of the begin of all ids", (deps) => listCalls(deps, { search: callId.slice(0, 4) }, page)],
  [
    "the calls of a time",
    (deps) => listCalls(deps, { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 60_000 }, page),
  ],
  ["the calls of a time without any", (deps) => listCalls(deps, { toMs: Date.now() - 3_600_000 }, page)],
  ["the calls that a call made", (deps) => listCalls(deps, { parentId: callId }, page)],
  ["the calls that a call without any made", (deps) => listCalls(deps, { parentId: newId() }, page)],
  ["the failed calls", (deps) => listCalls(deps, { state: "failed" }, page)],
  ["calls of a kind that is rare", (deps) => listCalls(deps, { kind: "remoteGen" }, page)],
  ["calls of an app of a kind that is rare", (deps) => listCalls(deps, { appId, kind: "map" }, page)],
  ["failed calls of a function without any", (deps) => listCalls(deps, { functionId: quiet, state: "failed" }, page)],
  ["cancelled calls of a busy function", (deps) => listCalls(deps, { functionId: busy, state: "cancelled" }, page)],
  ["succeeded calls of long ago", (deps) => listCalls(deps, { state: "succeeded", toMs: 1 }, page)],
  ["the running calls", (deps) => listCalls(deps, { state: "running" }, page)],
  ["the first inputs of a call", (deps) => listInputs(deps, { callId }, page)],
  ["inputs far into a call", (deps) => listInputs(deps, { callId }, { ...page, cursor: cursorAt(48_000) })],
  ["the succeeded inputs", (deps) => listInputs(deps, { callId, state: "succeeded" }, page)],
  ["the few failed inputs", (deps) => listInputs(deps, { callId, state: "failed" }, page)],
  ["an input in full", (deps) => getInput(deps, callId, 40_000)],
  ["the live containers", (deps) => listContainers(deps, filter, page)],
  [
    "the containers of an environment",
    (deps) => listContainers(deps, { includeGone: true, environment: "main" }, page),
  ],
  [
    "the containers of an environment without any",
    (deps) => listContainers(deps, { includeGone: true, environment: "empty" }, page),
  ],
  ["the live containers of an environment", (deps) => listContainers(deps, { ...filter, environment: "main" }, page)],
  ["the live containers of an app", (deps) => listContainers(deps, { ...filter, appId }, page)],
  ["all containers of an app", (deps) => listContainers(deps, { includeGone: true, appId }, page)],
  ["all containers of a function", (deps) => listContainers(deps, { includeGone: true, functionId: busy }, page)],
  ["the newest lines of an environment", (deps) => listLogs(deps.db, { environment: "main", ...page })],
  [
    "the lines of an environment after one",
    (deps) => listLogs(deps.db, { environment: "main", after: callId, ...page }),
  ],
  ["the lines of an environment without any", (deps) => listLogs(deps.db, { environment: "empty", ...page })],
  ["the calls of an environment without any", (deps) => listCalls(deps, { environment: "empty" }, page)],
  ["the newest lines of an app", (deps) => listLogs(deps.db, { appId, ...page })],
  ["the lines of an app after one", (deps) => listLogs(deps.db, { appId, after: callId, ...page })],
  ["the lines of a function", (deps) => listLogs(deps.db, { functionId: busy, ...page })],
  ["the lines of a call", (deps) => listLogs(deps.db, { callId, ...page })],
])("%s touch no more rows than a page holds", async (_name, run) => {
  expect(await costOf(run)).toBeLessThanOrEqual(MAX_ROWS_TOUCHED);
});

it("the end of an id is looked for among a bounded number of calls, and then costs a page", async () => {
  const cost = await costOf((deps) => listCalls(deps, { search: callId.slice(-8) }, page));
  // Each is counted where it is read and where its end is compared; the table holds more.
  expect(cost).toBeLessThanOrEqual(2 * ID_ENDS_SEARCHED + MAX_ROWS_TOUCHED);
  // The one call that is older than those.
  expect((await listCalls(stack, { search: callId.slice(-8) }, page)).items).toEqual([]);
  expect((await listCalls(stack, { search: callId.slice(-8), toMs: Date.now() - 60_000 }, page)).items).toMatchObject([
    { id: callId },
  ]);
});

function cursorAt(index: number): string {
  return Buffer.from(String(index)).toString("base64url");
}
