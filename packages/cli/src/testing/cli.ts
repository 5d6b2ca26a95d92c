/** The `bellows` command as a real process, with an environment in which no orchestrator is known. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FIXTURES, temporaryDir } from "./fixtures.ts";

const BINARY = fileURLToPath(new URL("../../bin/bellows.js", import.meta.url));

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

interface Given {
  /** The folder of the fixtures otherwise. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export function bellows(words: readonly string[], given: Given = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { ...placeOf(given), encoding: "utf8" } as const;
    const child = execFile(process.execPath, [BINARY, ...words], options, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** The same, while it runs. */
export function startBellows(words: readonly string[], given: Given = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BINARY, ...words], placeOf(given));
}

function placeOf({ cwd = FIXTURES, env: more }: Given) {
  const { BELLOWS_URL: _url, BELLOWS_TOKEN: _token, ...env } = process.env;
  return { cwd, env: { ...env, HOME: temporaryDir(), NO_COLOR: "1", ...more } };
}
