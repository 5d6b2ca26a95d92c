/** The thread of one job: begins with it, says what came of it, and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { errorData } from "@bellows/protocol/errors";
import type { PreviewJob } from "./preview-job.ts";
import { runPreviewJob } from "./preview-job.ts";
import type { ThreadAnswer } from "./preview-thread.ts";

const job: PreviewJob = workerData;

function answer(): ThreadAnswer {
  try {
    return { result: runPreviewJob(job) };
  } catch (thrown) {
    return { error: errorData(thrown) };
  }
}

parentPort?.postMessage(answer());
