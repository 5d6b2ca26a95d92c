/** How a container ended, as an error or as none. Reads what the agent left behind; changes nothing. */
import { readFile } from "node:fs/promises";
import { ContainerCrashedError, type ErrorData, errorData } from "@bellows/protocol/errors";
import type { ContainerPaths } from "./container-records.ts";

const TOLD_CHARS = 2_000;

export interface ContainerEnd {
  /** Null when it is not this process's child, and so cannot know. */
  status: { code: number | null; signal: string | null } | null;
  askedFor: boolean;
}

export async function endError(
  containerId: string,
  paths: ContainerPaths,
  { status, askedFor }: ContainerEnd,
): Promise<ErrorData | null> {
  if (askedFor) return null;
  const code = status ? status.code : await statusLeftBy(paths);
  if (code === 0) return null;
  const how = status?.signal
    ? `was killed by ${status.signal}`
    : code === null
      ? "was killed"
      : `ended with status ${code}`;
  const said = (await readFile(paths.log, "utf8").catch(() => "")).trim().slice(-TOLD_CHARS);
  const error = new ContainerCrashedError(
    `the container ${containerId} ${how}${said ? `; its agent said last:\n${said}` : ""}`,
    { details: { containerId, status: code, signal: status?.signal ?? null } },
  );
  const { stack: _stack, ...data } = errorData(error);
  return data;
}

/** An agent that was killed leaves nothing. */
async function statusLeftBy(paths: ContainerPaths): Promise<number | null> {
  const text = await readFile(paths.exitStatus, "utf8").catch(() => "");
  return /^\d+$/.test(text) ? Number(text) : null;
}
