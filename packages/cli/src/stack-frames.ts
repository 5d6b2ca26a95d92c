/**
 * The part of a stack that a user can act on: frames in their own files, the first of them with its source line. Frames
 * of Node, of installed packages and of Bellows itself are left out.
 */
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isOurs } from "./own-packages.ts";

export interface StackFrame {
  /** Empty for code outside of any function. */
  functionName: string;
  file: string;
  line: number;
  column: number;
}

const FRAME = /^\s*at (?:(?:async )?(.*?) \()?(?:async )?((?:file:\/\/)?\/.*?|[A-Za-z]:\\.*?):(\d+):(\d+)\)?$/;
const SHOWN_FRAMES = 8;
/** Two a frame, and in newer Pythons a third that marks the expression. */
const SHOWN_TRACEBACK_LINES = 3 * SHOWN_FRAMES;

export function framesOf(stack: string): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const text of stack.split("\n")) {
    const [, functionName = "", place, line, column] = FRAME.exec(text) ?? [];
    if (!place) continue;
    const file = place.startsWith("file://") ? fileURLToPath(place) : place;
    frames.push({
      functionName: functionName.replace("<anonymous>", ""),
      file,
      line: Number(line),
      column: Number(column),
    });
  }
  return frames;
}

export function userFrames(stack: string): StackFrame[] {
  return framesOf(stack)
    .filter(({ file }) => isAbsolute(file) && !/[\\/]node_modules[\\/]/.test(file) && !isOurs(file))
    .slice(0, SHOWN_FRAMES);
}

/** The frames as lines to show, paths relative to `cwd`, with the source line of the first. */
export function frameLines(frames: readonly StackFrame[], cwd: string): string[] {
  const [first] = frames;
  if (!first) return [];
  const source = textOf(first.file)?.split("\n")[first.line - 1];
  const gutter = `  ${first.line} | `;
  const excerpt = source === undefined ? [] : [gutter + source, `${" ".repeat(gutter.length + first.column - 1)}^`];
  return [
    ...excerpt,
    ...frames.map(({ functionName, file, line, column }) => {
      const place = `${shortPath(file, cwd)}:${line}:${column}`;
      return `    at ${functionName ? `${functionName} (${place})` : place}`;
    }),
  ];
}

/**
 * What a Python traceback says below its heading, the line that raised last; none of another stack. Its files are those of
 * the user, relative to the one that was deployed.
 */
export function tracebackLines(stack: string): string[] {
  const lines = stack.split("\n").filter((line) => /^\s/.test(line));
  return /^ {2}File "/.test(lines[0] ?? "") ? lines.slice(-SHOWN_TRACEBACK_LINES) : [];
}

function shortPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith("..") ? file : path;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
