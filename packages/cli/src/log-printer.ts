/** Log lines of containers on a terminal: which function said it, then what. */
import type { LogLineView } from "@bellows/protocol/views";
import pc from "picocolors";

export type PrintedLine = Pick<LogLineView, "functionName" | "stream" | "text" | "atMs" | "index">;

export function logLine({ functionName, stream, text, index }: PrintedLine): string {
  const source = index === null ? functionName : `${functionName}[${index}]`;
  return `${pc.dim(`${source} |`)} ${STREAM_LOOK[stream](text)}`;
}

/** With its time, for reading later. */
export function datedLogLine(line: PrintedLine): string {
  return `${pc.dim(new Date(line.atMs).toISOString())} ${logLine(line)}`;
}

const STREAM_LOOK: Record<LogLineView["stream"], (text: string) => string> = {
  stdout: (text) => text,
  stderr: (text) => pc.yellow(text),
  system: (text) => pc.dim(text),
};
