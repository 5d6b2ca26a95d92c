/**
 * Everything is killed, paused and cut off under one `spawnMap` of 100,000 inputs, again and again, in an order that a
 * seed decides. At the end there is exactly one output per input and nothing is left running.
 *
 * `BELLOWS_CHAOS_SEED` repeats the choices of a run, `BELLOWS_CHAOS_INPUTS` makes it longer or shorter.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startEmbeddedPostgres } from "@bellows/db/embedded";
import { Bellows } from "@bellows/sdk";
import pg from "pg";
import { expect, it } from "vitest";
import type * as chaos from "../../fixtures/chaos.ts";
import { startStack, until } from "../stack.ts";
import { type CuttableLink, openCuttableLink } from "./cuttable-link.ts";
import { agentPids, FAULTS, type Victims } from "./faults.ts";
import { type Random, seededRandom } from "./random.ts";

const INPUTS = Number(process.env.BELLOWS_CHAOS_INPUTS ?? 100_000);
const SEED = Number(process.env.BELLOWS_CHAOS_SEED ?? Date.now() % 1_000_000);
/** Each fault strikes this often at least. */
const LEAST_STRIKES = 5;
/** Between one strike and the next. */
const REST_MS = [50, 500] as const;
/** When each has struck this often, they leave the call time to come to its end, which they strike at, too. */
const MANY_STRIKES = 8;
const LATER_REST_MS = [1_000, 3_000] as const;
const LONGEST_RUN_MS = 150;
const FAILS_FIRST = 0.01;
const RUN_MS = 300_000;
/** What was killed is there again after about a second. */
const VICTIM_MS = 3_000;

it(`a spawnMap of ${INPUTS} inputs survives everything (BELLOWS_CHAOS_SEED=${SEED})`, {
  timeout: 600_000,
}, async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "bellows-chaos-"));
  const link = await openCuttableLink();
  try {
    const callId = await breakEverything(stateDir, link, seededRandom(SEED));
    await expectOneOutputEach(stateDir, callId);
  } finally {
    await link.close();
    await rm(stateDir, { recursive: true, force: true });
  }
});

/** The id of the call, which is finished. Nothing runs any more. */
async function breakEverything(stateDir: string, link: CuttableLink, random: Random): Promise<string> {
  const url = `http://127.0.0.1:${link.port}`;
  const stack = await startStack({ stateDir, env: { BELLOWS_PUBLIC_URL: url } });
  link.target = Number(new URL(stack.url).port);
  const bellows = new Bellows({ url, token: stack.token });
  try {
    expect(await stack.bellows(["deploy", "e2e/fixtures/chaos.ts"])).toMatchObject({ code: 0 });
    const work = bellows.functions.fromName<typeof chaos.work>("chaos", "work");
    const indexes = Array.from({ length: INPUTS }, (_, index) => index);
    const call = work.spawnMap(
      indexes,
      indexes.map(() => random.between(0, LONGEST_RUN_MS)),
      indexes.map(() => random.next() < FAILS_FIRST),
    );
    const over = new AbortController();
    const struck = strike({ stack, link, random }, over.signal);
    const results = readAll(await call);
    const [read, faults] = await Promise.all([results.finally(() => over.abort()), struck]);
    expect(read).toEqual(indexes);
    for (const fault of Object.keys(FAULTS)) expect(faults.get(fault), fault).toBeGreaterThanOrEqual(LEAST_STRIKES);

    await stack.ready();
    await until(async () => (await agentPids(stack)).length === 0, 60_000);
    return (await call).id;
  } finally {
    await bellows.close();
    expect(await stack.stop()).toBe(0);
  }
}

async function readAll(call: { results(): AsyncIterable<number> }): Promise<number[]> {
  const results: number[] = [];
  for await (const result of call.results()) results.push(result);
  return results;
}

/** Strikes until the call is over; how often each fault has found a victim. */
async function strike(victims: Victims, over: AbortSignal): Promise<Map<string, number>> {
  const faults = new Map<string, number>();
  const deadlineMs = Date.now() + RUN_MS;
  const areMany = (): boolean => Object.keys(FAULTS).every((name) => (faults.get(name) ?? 0) >= MANY_STRIKES);
  while (!over.aborted && Date.now() < deadlineMs) {
    for (const name of victims.random.shuffled(Object.keys(FAULTS))) {
      if (over.aborted) break;
      const [leastMs, mostMs] = areMany() ? LATER_REST_MS : REST_MS;
      await delay(victims.random.between(leastMs, mostMs));
      if (await struck(name, victims)) faults.set(name, (faults.get(name) ?? 0) + 1);
    }
  }
  return faults;
}

/** Waits a while for a victim. However often it looks for one, the choices after it stay those of the seed. */
async function struck(name: string, { stack, link, random }: Victims): Promise<boolean> {
  const victims: Victims = { stack, link, random: seededRandom(random.between(0, 2 ** 31)) };
  const deadlineMs = Date.now() + VICTIM_MS;
  do {
    if (await FAULTS[name]?.(victims)) return true;
    await delay(50);
  } while (Date.now() < deadlineMs);
  return false;
}

/** Looks at the facts themselves, in the Postgres that was killed with the rest. */
async function expectOneOutputEach(stateDir: string, callId: string): Promise<void> {
  const postgres = await startEmbeddedPostgres({ folder: join(stateDir, "postgres") });
  const database = new pg.Client({ connectionString: postgres.url });
  try {
    await database.connect();
    const { rows: outputs } = await database.query(
      `select count(*)::int as outputs, count(distinct idx)::int as inputs, min(idx) as first, max(idx) as last,
         count(*) filter (where status <> 0)::int as unsuccessful
       from outputs where call_id = $1`,
      [callId],
    );
    expect(outputs).toEqual([{ outputs: INPUTS, inputs: INPUTS, first: 0, last: INPUTS - 1, unsuccessful: 0 }]);
    const { rows: calls } = await database.query(
      "select state, input_count, succeeded_count, failed_count, cancelled_count from calls where id = $1",
      [callId],
    );
    expect(calls).toEqual([
      { state: "succeeded", input_count: INPUTS, succeeded_count: INPUTS, failed_count: 0, cancelled_count: 0 },
    ]);
    const { rows: inconsistent } = await database.query(
      `select o.idx, o.attempts, o.container_id, array_agg(concat(a.attempt, ' ', a.outcome, ' ', a.container_id)) as before
       from outputs o left join attempts a using (call_id, idx)
       where o.call_id = $1 group by o.call_id, o.idx, o.attempts, o.container_id
       having o.attempts <> 1 + count(a.*) filter (where a.outcome = 'failed')`,
      [callId],
    );
    expect(inconsistent).toEqual([]);
  } finally {
    await database.end();
    await postgres.stop();
  }
}
