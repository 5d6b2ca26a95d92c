/** Reads of the engine how a container ended, and what its agent said last. */
import type { ErrorData } from "@bellows/protocol/errors";
import type Docker from "dockerode";
import { endError, removedError } from "./container-end.ts";
import { isMissing } from "./engine.ts";

const TOLD_LINES = 40;
const LOG_HEADER_BYTES = 8;

/** Of one that somebody else has removed nothing is known but that it is gone. @throws what the engine has against it. */
export async function readEnd(
  containerId: string,
  container: Docker.Container,
  askedFor: boolean,
): Promise<ErrorData | null> {
  try {
    const info = await container.inspect();
    const said = await lastLines(container).catch(() => "");
    return endError(containerId, info, { askedFor, said });
  } catch (error) {
    if (!isMissing(error)) throw error;
    return askedFor ? null : removedError(containerId);
  }
}

async function lastLines(container: Docker.Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: TOLD_LINES });
  return demultiplexed(log);
}

/** The engine puts a header before each piece: the stream, three zeroes, the length as an unsigned 32-bit number. */
function demultiplexed(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + LOG_HEADER_BYTES <= log.byteLength; ) {
    const end = at + LOG_HEADER_BYTES + log.readUInt32BE(at + 4);
    pieces.push(log.subarray(at + LOG_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}
