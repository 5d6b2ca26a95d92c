/** The `bellows` command as a real process, with an environment in which no orchestrator is known. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FIXTURES, temporaryDir } from "./fixtures.ts";

const BINARY = fileURLToPath(new URL("../../bin/bellows.js", import.meta.url));

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs in the folder of the fixtures unless `cwd` says otherwise. */
export function bellows(
  words: readonly string[],
  given: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const { BELLOWS_URL: _url, BELLOWS_TOKEN: _token, ...env } = process.env;
  const options = {
    cwd: given.cwd ?? FIXTURES,
    env: { ...env, HOME: temporaryDir(), NO_COLOR: "1", ...given.env },
    encoding: "utf8",
  } as const;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BINARY, ...words], options, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
