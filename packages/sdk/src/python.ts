/** What is known of a Python function where it is defined: the words for it, and the place that its path is relative to. */
import { fileURLToPath } from "node:url";
import { InvalidError } from "@bellows/protocol/errors";
import type { PythonEntry } from "@bellows/protocol/python";
import { isPythonName } from "@bellows/protocol/python";

/** @throws InvalidError for a path or a name that is none. */
export function pythonOf(file: string, name: string): PythonEntry {
  if (typeof file !== "string" || !/^\.{1,2}\/.*\.py$/s.test(file)) {
    throw new InvalidError(
      `${JSON.stringify(file)} is not the path of a Python file; write it relative to this file: app.python("./embed.py", "embed")`,
    );
  }
  if (typeof name !== "string" || !isPythonName(name)) {
    throw new InvalidError(
      `${JSON.stringify(name)} is not the name of a function of ${file}; write app.python("${file}", "embed")`,
    );
  }
  return { file, function: name };
}

/** In the place of a body, for whoever takes the definition for one of TypeScript. */
export function refuseToRun(): never {
  throw new InvalidError("a Python function runs in containers only; use `remote`, `map` or `spawn`");
}

/**
 * The file that calls `callee`, told when asked: reading a stack reads the source map, which a container's start need not
 * pay for. Undefined where a stack does not say.
 */
export function callerOf(callee: (...args: never[]) => unknown): () => string | undefined {
  const place: { stack?: string } = {};
  Error.captureStackTrace(place, callee);
  return () => {
    const frame = place.stack?.split("\n").find((line) => /^\s+at /.test(line));
    const file = frame && /^\s+at (?:async )?(?:.*? \()?(.+?):\d+:\d+\)?$/.exec(frame)?.[1];
    // Of a bundle it is a URL, which some tools that map stacks take for a path of their own.
    const ofUrl = file && /file:\/+(.*)$/.exec(file)?.[1];
    return ofUrl ? fileURLToPath(`file:///${ofUrl}`) : file;
  };
}
