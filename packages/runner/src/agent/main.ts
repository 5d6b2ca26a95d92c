/** The agent's process: the worker is spawned before anything else is even read, so that both boot at the same time. */
import { spawnWorker } from "./spawn-worker.ts";

const environment = process.env;
const worker = spawnWorker(environment);
const { run } = await import("./run.ts");
await run(environment, worker);
