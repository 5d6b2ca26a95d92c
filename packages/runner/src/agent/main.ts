/** The agent's process: the worker is spawned before anything else is evaluated, so that both boot at the same time. */
import { spawnWorker } from "./spawn-worker.ts";

const environment = process.env;
const worker = spawnWorker(environment);
const [{ Agent }, { readConfiguration }, { writeFileSync }] = await Promise.all([
  import("./agent.ts"),
  import("./configuration.ts"),
  import("node:fs"),
]);

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
