/**
 * pg-boss on the same Postgres server: the last version that runs on Node 20. Jobs go in by `insert`; its worker takes
 * large batches and is notified after each (`notifyWorker`), so that it never waits for its poll while there is work.
 * A single job waits for the poll; half a second is the shortest it may have.
 */
import PgBoss from "pg-boss";
import { newDatabase } from "./new-database.ts";
import { countdown, type Peer, perSecond, pieces } from "./peer.ts";

const ADD_BATCH = 5_000;
const WORK_BATCH = 5_000;
const POLL_SECONDS = 0.5;

export async function startPgBoss(serverUrl: string): Promise<Peer> {
  const boss = new PgBoss({
    connectionString: await newDatabase(serverUrl, "pg_boss"),
    supervise: false,
    schedule: false,
  });
  boss.on("error", () => {});
  await boss.start();
  for (const queue of ["noop", "ping"]) await boss.createQueue(queue);

  async function intake(jobs: number): Promise<number> {
    const startedAt = performance.now();
    for (const { from, count } of pieces(jobs, ADD_BATCH)) {
      await boss.insert(
        Array.from({ length: count }, (_, offset) => ({ name: "noop", data: { index: from + offset } })),
      );
    }
    return perSecond(jobs, startedAt);
  }

  /** What was done last is completed when the worker has been stopped. */
  async function drain(jobs: number): Promise<number> {
    const counted = countdown(jobs);
    const startedAt = performance.now();
    const worker = await boss.work<object>(
      "noop",
      { batchSize: WORK_BATCH, pollingIntervalSeconds: POLL_SECONDS },
      async (batch) => {
        for (const _ of batch) counted.one();
        boss.notifyWorker(worker);
      },
    );
    await counted.done;
    await boss.offWork({ id: worker });
    return perSecond(jobs, startedAt);
  }

  async function latencies(count: number): Promise<number[]> {
    let started = (): void => {};
    const worker = await boss.work("ping", { pollingIntervalSeconds: POLL_SECONDS }, async () => started());
    const samples: number[] = [];
    while (samples.length < count) {
      const begun = new Promise<void>((resolve) => {
        started = resolve;
      });
      const addedAt = performance.now();
      await boss.send("ping", {});
      await begun;
      samples.push(performance.now() - addedAt);
    }
    await boss.offWork({ id: worker });
    return samples;
  }

  return {
    intake,
    drain,
    latencies,
    stop: () => boss.stop({ graceful: false, wait: true }),
  };
}
