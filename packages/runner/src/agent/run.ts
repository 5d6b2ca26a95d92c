/** What the agent's process does once its worker boots: it makes the agent of its environment, and ends with it. */
import { writeFileSync } from "node:fs";
import { Agent } from "./agent.ts";
import { readConfiguration } from "./configuration.ts";
import type { SpawnedWorker } from "./spawn-worker.ts";

export async function run(environment: NodeJS.ProcessEnv, worker: SpawnedWorker): Promise<void> {
  let exitStatusPath: string | null = null;

  function exit(status: number): void {
    try {
      if (exitStatusPath) writeFileSync(exitStatusPath, String(status));
    } catch (error) {
      console.error(`the exit status could not be left in ${exitStatusPath}:`, error);
    }
    process.exit(status);
  }

  try {
    const configuration = readConfiguration(environment);
    exitStatusPath = configuration.exitStatusPath;
    const { linkUrl, socketPath } = configuration;
    const apiUrl = socketPath
      ? await import("./door.ts").then(({ openDoor }) => openDoor(socketPath))
      : new URL(linkUrl.replace(/^ws/, "http")).origin;
    const agent = new Agent({ configuration, environment, apiUrl, exit }, worker);
    process.on("SIGTERM", () => agent.drainForHost());
    process.on("uncaughtException", (error) => {
      console.error(error);
      agent.end(70);
    });
    agent.start();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    worker.child.kill("SIGKILL");
    exit(2);
  }
}
