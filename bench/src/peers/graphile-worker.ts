/**
 * graphile-worker on the same Postgres server with the settings that its documentation names for speed: a local queue of
 * 500, a concurrency of 24 in one process, completions in batches, and no log.
 *
 * It is more than twice as fast once Postgres has analyzed its table, which autovacuum does within a minute or so: a
 * backlog that has just come is drained at the first rate, and a queue in steady use at the second. Both are measured.
 */
import { Logger, makeWorkerUtils, type Runner, run, runMigrations, type TaskList } from "graphile-worker";
import pg from "pg";
import { newDatabase } from "./new-database.ts";
import { countdown, type Peer, perSecond, pieces } from "./peer.ts";

const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;
const ADD_BATCH = 5_000;
const logger = new Logger(() => () => {});

export async function startGraphile(serverUrl: string, { analyzed }: { analyzed: boolean }): Promise<Peer> {
  const connectionString = await newDatabase(serverUrl, "graphile");
  const pgPool = new pg.Pool({ connectionString, max: CONCURRENCY + 2 });
  // Sessions that end with the server when a run is interrupted; graphile-worker asks for both.
  pgPool.on("error", () => {});
  pgPool.on("connect", (client) => client.on("error", () => {}));
  await runMigrations({ pgPool, logger });
  const utils = await makeWorkerUtils({ pgPool, logger });

  async function intake(jobs: number): Promise<number> {
    const startedAt = performance.now();
    for (const { from, count } of pieces(jobs, ADD_BATCH)) {
      await utils.addJobs(
        Array.from({ length: count }, (_, offset) => ({ identifier: "noop", payload: { index: from + offset } })),
      );
    }
    return perSecond(jobs, startedAt);
  }

  async function drain(jobs: number): Promise<number> {
    if (analyzed) await pgPool.query("analyze");
    const counted = countdown(jobs);
    const startedAt = performance.now();
    const runner = await work({ noop: counted.one });
    await counted.done;
    const rate = perSecond(jobs, startedAt);
    await runner.stop();
    return rate;
  }

  async function latencies(count: number): Promise<number[]> {
    let started = (): void => {};
    const runner = await work({ ping: () => started() });
    const samples: number[] = [];
    while (samples.length < count) {
      const begun = new Promise<void>((resolve) => {
        started = resolve;
      });
      const addedAt = performance.now();
      await utils.addJob("ping", {});
      await begun;
      samples.push(performance.now() - addedAt);
    }
    await runner.stop();
    return samples;
  }

  function work(taskList: TaskList): Promise<Runner> {
    const worker = {
      concurrentJobs: CONCURRENCY,
      localQueue: { size: LOCAL_QUEUE },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    };
    return run({ pgPool, noHandleSignals: true, taskList, logger, preset: { worker } });
  }

  return {
    intake,
    drain,
    latencies,
    async stop() {
      await utils.release();
      await pgPool.end();
    },
  };
}
