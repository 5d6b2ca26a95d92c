/**
 * The process: reads the environment, starts the orchestrator, and stops it when told: SIGTERM is a restart, its
 * containers carry on and are adopted by the next process; SIGINT ends them too. What keeps it from
 * starting is the last line on standard error, as one sentence, and exit status 1.
 */
import { BellowsError } from "@bellows/protocol/errors";
import { readConfig } from "./config.ts";
import { startOrchestrator } from "./orchestrator.ts";
import { createLogger } from "./telemetry/logger.ts";

const END_CONTAINERS = { SIGTERM: false, SIGINT: true } as const;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  const orchestrator = await startOrchestrator(config, log);
  log.info({ url: config.publicUrl }, "ready");

  let stopping = false;
  const stop = async (signal: keyof typeof END_CONTAINERS): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, "stopping");
    await orchestrator.stop({ endContainers: END_CONTAINERS[signal] });
    log.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop("SIGTERM").catch(fail));
  process.on("SIGINT", () => void stop("SIGINT").catch(fail));
}

function fail(error: unknown): never {
  const sentence = error instanceof Error ? error.message : String(error);
  if (!(error instanceof BellowsError)) console.error(error);
  console.error(`bellows: ${sentence}`);
  process.exit(1);
}

main().catch(fail);
