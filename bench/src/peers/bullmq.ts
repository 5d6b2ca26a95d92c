/**
 * BullMQ on a Redis of its own: jobs go in by `addBulk`, are removed when they are done, and Redis writes its log to disk
 * once a second, as BullMQ's guide for production asks. That is less than a commit: a crash of the machine loses a second.
 */
import { Queue, QueueEvents, Worker } from "bullmq";
import { countdown, type Peer, perSecond, pieces } from "./peer.ts";
import { startRedis } from "./redis.ts";

const CONCURRENCY = 100;
const ADD_BATCH = 5_000;
/** Whoever waits for a result looks the job up, so the last ones are kept there. */
const KEPT_FOR_RESULTS = { removeOnComplete: 1_000 };

/** On a new Redis whose files are in `folder`. */
export async function startBullmq(folder: string): Promise<Peer> {
  const redis = await startRedis(folder);
  const connection = { host: "127.0.0.1", port: redis.port, maxRetriesPerRequest: null };
  const noops = new Queue("noop", { connection, defaultJobOptions: { removeOnComplete: true } });
  const pings = new Queue("ping", { connection, defaultJobOptions: KEPT_FOR_RESULTS });

  async function intake(jobs: number): Promise<number> {
    const startedAt = performance.now();
    for (const { from, count } of pieces(jobs, ADD_BATCH)) {
      await noops.addBulk(
        Array.from({ length: count }, (_, offset) => ({ name: "noop", data: { index: from + offset } })),
      );
    }
    return perSecond(jobs, startedAt);
  }

  async function drain(jobs: number): Promise<number> {
    const counted = countdown(jobs);
    const startedAt = performance.now();
    const worker = new Worker("noop", async () => {}, { connection, concurrency: CONCURRENCY });
    worker.on("completed", counted.one);
    await counted.done;
    const rate = perSecond(jobs, startedAt);
    await worker.close();
    return rate;
  }

  async function latencies(count: number): Promise<number[]> {
    const events = new QueueEvents("ping", { connection });
    const worker = new Worker("ping", async () => {}, { connection });
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady()]);
    const samples: number[] = [];
    while (samples.length < count) {
      const addedAt = performance.now();
      const job = await pings.add("ping", {});
      await job.waitUntilFinished(events);
      samples.push(performance.now() - addedAt);
    }
    await Promise.all([events.close(), worker.close()]);
    return samples;
  }

  return {
    intake,
    drain,
    latencies,
    async stop() {
      await Promise.all([noops.close(), pings.close()]);
      await redis.stop();
    },
  };
}
