/**
 * Stacks as the user wants to read them: their own frames and those of what they call. Below the first frame of the
 * worker come only the worker and Node, which are the same for every error.
 */
import { fileURLToPath } from "node:url";
import type { ErrorData } from "@bellows/protocol/errors";

const WORKER_FILE = fileURLToPath(import.meta.url);

/** The error and its causes with their stacks cut where `runnerFile` begins; a stack of nothing else is kept whole. */
export function withUserStack(error: ErrorData, runnerFile: string = WORKER_FILE): ErrorData {
  return {
    ...error,
    ...(error.stack === undefined ? {} : { stack: cutAt(error.stack, runnerFile) }),
    ...(error.cause === undefined ? {} : { cause: withUserStack(error.cause, runnerFile) }),
  };
}

function cutAt(stack: string, runnerFile: string): string {
  const lines = stack.split("\n");
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line));
  const firstOfRunner = lines.findIndex((line) => /^\s+at /.test(line) && line.includes(runnerFile));
  return firstOfRunner > firstFrame ? lines.slice(0, firstOfRunner).join("\n") : stack;
}
