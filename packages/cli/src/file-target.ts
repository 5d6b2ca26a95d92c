/** FILE or FILE::FUNCTION, as `run` and `deploy` take it. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

export interface FileTarget {
  /** As it was written, for messages. */
  shown: string;
  path: string;
  functionName: string | undefined;
}

/** @throws UsageError when there is no such file. */
export function fileTarget(text: string, cwd: string): FileTarget {
  const at = text.indexOf("::");
  const shown = at < 0 ? text : text.slice(0, at);
  const functionName = at < 0 ? undefined : text.slice(at + 2);
  if (functionName === "") throw new UsageError(`"${text}" names no function after "::"; write ${shown}::FUNCTION`);
  const path = resolve(cwd, shown);
  if (!existsSync(path)) throw new UsageError(`there is no file ${shown} in ${cwd}; check the path`);
  if (!statSync(path).isFile()) throw new UsageError(`${shown} is not a file; name the file that exports the app`);
  return { shown, path, functionName };
}
