/**
 * The worker's process: it runs user code and nothing that must stay alive beside it. Frames come in on file
 * descriptor 3 and go out on 4; when 3 ends the agent is dead, and so is everything here. What user code has left open
 * (a link of its own, a timer) never keeps it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";
import { BlockReader, decodeFrames } from "@bellows/protocol/frame-codec";
import { EXIT_HOOKS_GRACE_MS, type WorkerCommand, workerCommandSchema } from "@bellows/protocol/worker-frames";
import * as z from "zod/mini";
import { BatchExecutor } from "./batch-executor.ts";
import { captureConsole } from "./console-capture.ts";
import { thrownData } from "./ends.ts";
import { Executor, type InputsExecutor } from "./executor.ts";
import { runExitHooks } from "./exit-hooks.ts";
import type { Hook } from "./invocation.ts";
import { load } from "./load.ts";
import { endWithGroup, writeFrames } from "./output.ts";
import { rehearse } from "./rehearsal.ts";
import type { Running } from "./running-input.ts";
import { Streams } from "./streams.ts";

const FRAMES_IN = 3;
const commandsSchema = z.array(workerCommandSchema);
const current = new AsyncLocalStorage<Running>();
const capture = captureConsole(current, (lines) => writeFrames({ type: "logs", lines }));
const streams = new Streams(writeFrames);
let executor: InputsExecutor | undefined;
let exitHooks: Hook[] = [];
let exiting = false;

async function start(command: Extract<WorkerCommand, { type: "load" }>): Promise<void> {
  const loaded = await load(command, () => current.getStore(), streams);
  if ("error" in loaded) return writeFrames({ type: "loadFailed", error: loaded.error });
  const { invocation, batch, importMs, enterMs } = loaded;
  const around = { slots: command.slots, write: writeFrames, beforeEnd: capture.flush };
  executor = batch
    ? new BatchExecutor({ invocation: batch, ...around }, current)
    : new Executor({ call: invocation.call, ...around }, current);
  exitHooks = invocation.exit;
  writeFrames({ type: "loaded", importMs, enterMs });
}

async function exit(): Promise<void> {
  exiting = true;
  await runExitHooks(exitHooks, { graceMs: EXIT_HOOKS_GRACE_MS, told: tell });
  process.exit(0);
}

function receive(command: WorkerCommand): void {
  switch (command.type) {
    case "preload":
      // Whatever fails here fails again, and is told, when the code imports it.
      import(pathToFileURL(command.path).href).catch(() => {});
      return;
    case "rehearse":
      rehearse(command.sdkPath, current, streams).catch(() => {});
      return;
    case "load":
      void start(command);
      return;
    case "run":
      return executor?.run(command.inputs);
    case "recall":
      return executor?.recall(command.attempts);
    case "cancel":
      return executor?.cancel(command.attempts);
    case "take":
      return streams.take(command.attempt, command.received);
    case "exit":
      void exit();
      return;
    default:
      command satisfies never;
  }
}

/** Node would end the process, too; here the input whose code it was is told why, and the agent, before it does. */
function crash(thrown: unknown): void {
  // The hooks that are left have their turn; nothing else runs here any more that could be harmed.
  if (exiting) return tell("an error that nothing caught came up during the exit", thrown);
  const error = thrownData(thrown);
  const input = current.getStore();
  console.error(error.stack ?? error.message);
  if (input) executor?.fail(input, error);
  writeFrames({ type: "crashed", error, ofInput: input !== undefined });
  process.exit(1);
}

function tell(sentence: string, thrown?: unknown): void {
  if (thrown === undefined) return console.error(sentence);
  const { stack, message } = thrownData(thrown);
  console.error(`${sentence}: ${stack ?? message}`);
}

// Stacks then show the user's files and lines instead of the bundle's. Here, because it loads a part of Node.
process.setSourceMapsEnabled(true);
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
