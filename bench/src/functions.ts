/** What is measured: functions that do nothing, so that every microsecond is the platform's. */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { App } from "@bellows/sdk";
import { BATCHING, batchMs } from "./batching/kernel.ts";

export const app = new App("bench");

const GATE_POLL_MS = 2;

/**
 * One container, so that it is one process that works, as with the queues beside it. An input that names a file holds
 * the container until that file is gone.
 */
export const noop = app.function(
  { maxContainers: 1, scaledownWindow: "20m", timeout: "1h" },
  async (input: number | string) => {
    while (typeof input === "string" && existsSync(input)) await delay(GATE_POLL_MS);
  },
);

function hello() {
  return app.function({ maxContainers: 1, scaledownWindow: "2s" }, async (name: string) => `hello ${name}`);
}

/** Alike, because a cold start needs a function that has no container yet. */
export const cold0 = hello();
export const cold1 = hello();
export const cold2 = hello();
export const cold3 = hello();
export const cold4 = hello();
export const cold5 = hello();
export const cold6 = hello();
export const cold7 = hello();
export const cold8 = hello();
export const cold9 = hello();
export const cold10 = hello();
export const cold11 = hello();

/**
 * What `batching/workload.ts` describes, as a handler: it waits instead of computing, so that two cores are enough to measure
 * it. Each input learns how many it came with.
 */
export const kernel = app.function(
  { batched: BATCHING, maxContainers: 1, scaledownWindow: "20m" },
  async (inputs: number[]): Promise<number[]> => {
    await delay(batchMs(inputs.length));
    return inputs.map(() => inputs.length);
  },
);

/** Long enough for all containers to be there at the same time. */
const TOGETHER_MS = 40_000;

/** Which container it ran in. An input holds its own for so long that no other can have it. */
export const together = app.function(
  { maxContainers: 50, scaledownWindow: "2s", timeout: "10m", startupTimeout: "10m" },
  async (_index: number): Promise<string> => {
    await delay(TOGETHER_MS);
    return process.env.BELLOWS_CONTAINER_ID ?? "";
  },
);
