/**
 * Jobs in threads of their own, so that the event loop which hands out inputs never waits for one. A thread that takes too
 * long or too much memory is ended, and nothing else is touched.
 */
import { Worker } from "node:worker_threads";
import { type ErrorData, errorData, errorFromData, InternalError, TimeoutError } from "@bellows/protocol/errors";
import type { JobResult, PreviewJob } from "./preview-job.ts";

export type ThreadAnswer = { result: JobResult } | { error: ErrorData };

const PATIENCE_MS = 20_000;
const MEMORY_MIB = 512;
const WORKER = new URL("./preview-worker.js", import.meta.url);

/** At a time: a preview needs two, and inputs need the other cores. */
const MOST_THREADS = 2;

/** What runs jobs, a few at a time and in the order in which they come. */
export function previewThreads(): (job: PreviewJob) => Promise<JobResult> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running >= MOST_THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await runInThread(job);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

/** @throws what the job throws; TimeoutError, InternalError. */
function runInThread(job: PreviewJob): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(WORKER, {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
      // Built code, whatever this process was started with.
      execArgv: [],
    });
    const timer = setTimeout(() => {
      reject(new TimeoutError(`the preview was not done after ${PATIENCE_MS / 1_000} s; choose fewer arrivals`));
      void thread.terminate();
    }, PATIENCE_MS);
    thread.once("message", (answer: ThreadAnswer) => {
      if ("result" in answer) resolve(answer.result);
      else reject(errorFromData(answer.error));
    });
    thread.once("error", (cause) => {
      reject(new InternalError(`the preview failed: ${errorData(cause).message}`, { cause }));
    });
    thread.once("exit", () => {
      clearTimeout(timer);
      reject(new InternalError("the thread of the preview ended without an answer"));
    });
  });
}
