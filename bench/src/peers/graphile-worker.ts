/**
 * graphile-worker on the same Postgres server, in a database of its own, with its fastest documented settings: a local
 * queue of 500, a concurrency of 24 in one process, completions in batches, and no log.
 */
import {
  Logger,
  makeWorkerUtils,
  type Runner,
  run,
  runMigrations,
  type TaskList,
  type WorkerUtils,
} from "graphile-worker";
import { Client } from "pg";

const CONCURRENCY = 24;
const LOCAL_QUEUE = 500;
const ADD_BATCH = 5_000;
const logger = new Logger(() => () => {});

export interface GraphileQueue {
  connectionString: string;
  utils: WorkerUtils;
}

/** A queue of its own for the time of `measure`. */
export async function withGraphileQueue<T>(
  serverUrl: string,
  measure: (queue: GraphileQueue) => Promise<T>,
): Promise<T> {
  const connectionString = await createDatabase(serverUrl, `graphile_${Date.now()}`);
  await runMigrations({ connectionString, logger });
  const utils = await makeWorkerUtils({ connectionString, logger });
  try {
    return await measure({ connectionString, utils });
  } finally {
    await utils.release();
  }
}

/** Jobs stored per second, by `addJobs` in batches. */
export async function graphileIntake({ utils }: GraphileQueue, jobs: number): Promise<number> {
  const startedAt = performance.now();
  for (let from = 0; from < jobs; from += ADD_BATCH) {
    const count = Math.min(ADD_BATCH, jobs - from);
    await utils.addJobs(
      Array.from({ length: count }, (_, offset) => ({ identifier: "noop", payload: { index: from + offset } })),
    );
  }
  return perSecond(jobs, startedAt);
}

/** Jobs done per second, of those that are stored already. */
export async function graphileDrain(queue: GraphileQueue, jobs: number): Promise<number> {
  let done = 0;
  let drained = (): void => {};
  const allDone = new Promise<void>((resolve) => {
    drained = resolve;
  });
  const startedAt = performance.now();
  const runner = await work(queue, {
    noop: () => {
      done += 1;
      if (done === jobs) drained();
    },
  });
  await allDone;
  const rate = perSecond(jobs, startedAt);
  await runner.stop();
  return rate;
}

/** From `addJob` to the start of the task, one at a time, in milliseconds each. */
export async function graphileStartLatencies(queue: GraphileQueue, count: number): Promise<number[]> {
  let started = (): void => {};
  const runner = await work(queue, { ping: () => started() });
  const samples: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const begun = new Promise<void>((resolve) => {
      started = resolve;
    });
    const addedAt = performance.now();
    await queue.utils.addJob("ping", {});
    await begun;
    samples.push(performance.now() - addedAt);
  }
  await runner.stop();
  return samples;
}

function work({ connectionString }: GraphileQueue, taskList: TaskList): Promise<Runner> {
  return run({
    connectionString,
    noHandleSignals: true,
    taskList,
    logger,
    preset: {
      worker: {
        concurrentJobs: CONCURRENCY,
        maxPoolSize: CONCURRENCY + 1,
        localQueue: { size: LOCAL_QUEUE },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
}

function perSecond(jobs: number, startedAt: number): number {
  return jobs / ((performance.now() - startedAt) / 1_000);
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
