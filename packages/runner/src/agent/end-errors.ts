/** What an agent says about ends it did not wish for: of its worker, of inputs, of a start. Pure. */
import { formatDuration } from "@bellows/protocol/duration";
import {
  CancelledError,
  ContainerCrashedError,
  type ErrorData,
  errorData,
  FunctionTimeoutError,
  StartupError,
} from "@bellows/protocol/errors";

/** `usedMiB` is null when the kernel was quicker than whoever measures. */
export interface OverMemory {
  usedMiB: number | null;
  limitMiB: number;
}

export interface WorkerEndFacts {
  code: number | null;
  signal: string | null;
  spawnError: Error | null;
  overMemory: OverMemory | null;
  /** The worker's own last word: what escaped from user code. */
  crash: ErrorData | null;
  /** It is known from which input's code it escaped, and that input was answered for. */
  crashOfInput: boolean;
  /** Set when the agent killed it for one input's sake. */
  killedFor: "timeout" | "cancel" | "startup" | null;
}

/** Whether one known input is to blame, so that those that ran beside it are not. */
export function isBlamedOnInput({ killedFor, overMemory, crash, crashOfInput }: WorkerEndFacts): boolean {
  if (overMemory) return false;
  return killedFor === "timeout" || killedFor === "cancel" || (crash !== null && crashOfInput);
}

/** The error of an input that was running, or of an idle container. */
export function crashError(end: WorkerEndFacts): ErrorData {
  const details = end.overMemory ? { ...end.overMemory } : {};
  return causedBy(end.crash, errorData(new ContainerCrashedError(sentence(end), { details })));
}

/** The error of a container whose worker ended while it was loading the code. `printed` are the last lines it wrote. */
export function startupCrashError(end: WorkerEndFacts, printed: readonly string[]): ErrorData {
  const said = printed.length > 0 ? `\nIt printed last:\n${printed.join("\n")}` : "";
  return causedBy(end.crash, errorData(new StartupError(`the code could not be started: ${sentence(end)}${said}`)));
}

/** Whatever went wrong before the worker was loaded. */
export function startError(error: unknown): ErrorData {
  const data = errorData(error);
  return error instanceof StartupError ? data : { ...data, message: `the code could not be started: ${data.message}` };
}

export function timeoutError(timeoutMs: number, batched: boolean): ErrorData {
  const [what, advice] = batched ? ["batch", "lower `maxBatchSize`"] : ["input", "do less per input"];
  return errorData(
    new FunctionTimeoutError(
      `the ${what} ran longer than the function's timeout of ${formatDuration(timeoutMs)}; raise \`timeout\` or ${advice}`,
      { details: { timeoutMs } },
    ),
  );
}

export function cancelledError(): ErrorData {
  return errorData(new CancelledError("the input was cancelled"));
}

/** The stack of this file would only mislead; the one of the user's error is what helps. */
function causedBy(crash: ErrorData | null, { stack: _stack, ...error }: ErrorData): ErrorData {
  if (!crash) return error;
  return { ...error, cause: crash, ...(crash.stack ? { stack: crash.stack } : {}) };
}

function sentence({ code, signal, spawnError, overMemory, crash, killedFor }: WorkerEndFacts): string {
  if (overMemory) {
    const { usedMiB, limitMiB } = overMemory;
    const used = usedMiB === null ? "used more memory than" : `used ${usedMiB} MiB of memory, above`;
    return `the container ${used} its limit of ${limitMiB} MiB; raise \`memory\` or use less`;
  }
  if (spawnError) return spawnFailure(spawnError);
  if (crash) {
    return `an error that nothing caught ended the worker: ${crash.name ?? "Error"}: ${crash.message}; await every promise and handle errors of events`;
  }
  if (killedFor === "timeout") return "the worker was replaced because an input of this container timed out";
  if (killedFor === "cancel")
    return "the worker was replaced because an input of this container did not stop when cancelled";
  if (killedFor === "startup") return "the worker did not get ready in time";
  if (signal === "SIGABRT") {
    return "the worker was aborted (SIGABRT), as Node does when its heap is full; raise `memory` or use less";
  }
  if (signal) return `the worker was killed by ${signal}; the host may be out of memory`;
  return `the code ended its process with status ${code}; return or throw instead of calling process.exit or os._exit`;
}

function spawnFailure(error: Error): string {
  if (error.message !== "spawn python3 ENOENT") return `no process could be started for the worker: ${error.message}`;
  return (
    "there is no python3 on the PATH of this container; install Python 3.9 or newer on the host, or give the function " +
    'an image that has it: `Image.fromRegistry("python:3.12-slim")` or `Image.node().aptInstall("python3")`'
  );
}
