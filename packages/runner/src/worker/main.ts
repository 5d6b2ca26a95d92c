/**
 * The worker's process: it runs user code and nothing that must stay alive beside it. Frames come in on file
 * descriptor 3 and go out on 4; when 3 ends the agent is dead, and so is everything here.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Socket } from "node:net";
import { BlockReader, decodeFrames } from "@bellows/protocol/frame-codec";
import { type WorkerCommand, workerCommandSchema } from "@bellows/protocol/worker-frames";
import * as z from "zod/mini";
import { captureConsole } from "./console-capture.ts";
import { Executor, type RunningInput, thrownData } from "./executor.ts";
import { load, loadError } from "./load.ts";
import { endWithGroup, writeFrames } from "./output.ts";

const FRAMES_IN = 3;
const commandsSchema = z.array(workerCommandSchema);
const current = new AsyncLocalStorage<RunningInput>();
const capture = captureConsole(current, (lines) => writeFrames({ type: "logs", lines }));
let executor: Executor | undefined;

async function start(command: Extract<WorkerCommand, { type: "load" }>): Promise<void> {
  const startedAtMs = performance.now();
  try {
    const { handler } = await load(command, () => current.getStore());
    executor = new Executor({ handler, slots: command.slots, write: writeFrames, beforeEnd: capture.flush }, current);
    writeFrames({ type: "loaded", importMs: Math.round(performance.now() - startedAtMs), enterMs: 0 });
  } catch (error) {
    writeFrames({ type: "loadFailed", error: loadError(error) });
  }
}

function receive(command: WorkerCommand): void {
  switch (command.type) {
    case "load":
      void start(command);
      return;
    case "run":
      return executor?.run(command.inputs);
    case "recall":
      return executor?.recall(command.attempts);
    case "cancel":
      return executor?.cancel(command.attempts);
    case "exit":
      return process.exit(0);
    default:
      command satisfies never;
  }
}

/** Node would end the process, too; here the input whose code it was is told why, and the agent, before it does. */
function crash(thrown: unknown): void {
  const error = thrownData(thrown);
  const input = current.getStore();
  console.error(error.stack ?? error.message);
  if (input) executor?.fail(input, error);
  writeFrames({ type: "crashed", error, ofInput: input !== undefined });
  process.exit(1);
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);
process.on("exit", () => capture.flush(undefined));

const reader = new BlockReader();
const commands = new Socket({ fd: FRAMES_IN, readable: true, writable: false });
commands.on("data", (piece: Buffer) => {
  for (const body of reader.push(piece)) {
    for (const command of commandsSchema.parse(decodeFrames(body))) receive(command);
  }
});
commands.on("error", endWithGroup);
commands.on("close", endWithGroup);
