/**
 * A line at the bottom of the terminal, on stderr, that stays below whatever is printed: while it is shown, writes to
 * stdout and stderr first take it away, and it comes back after them. Stopping puts both streams back as they were.
 */
const ERASE_LINE = "\r\x1b[2K";
const FRAME_MS = 100;

export interface ProgressBar {
  /** Shows this line from the next frame on. */
  update(line: string): void;
  /** Takes the line away. Safe twice. */
  stop(): void;
}

interface TerminalStreams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

export function startProgressBar({ stdout, stderr }: TerminalStreams): ProgressBar {
  const writeStdout = stdout.write;
  const writeStderr = stderr.write;
  const draw = (text: string) => writeStderr.call(stderr, text);
  let line = "";
  let shown = "";
  /** A half-written line of somebody else must not be drawn over. */
  let atLineStart = true;

  function erase(): void {
    if (shown === "") return;
    draw(ERASE_LINE);
    shown = "";
  }

  function guarded(stream: NodeJS.WriteStream, write: NodeJS.WriteStream["write"]): NodeJS.WriteStream["write"] {
    return (...args: unknown[]) => {
      erase();
      const [chunk] = args;
      const end = typeof chunk === "string" ? chunk.at(-1) : chunk instanceof Uint8Array ? chunk.at(-1) : undefined;
      if (end !== undefined) atLineStart = end === "\n" || end === 10;
      return Reflect.apply(write, stream, args);
    };
  }

  // A stdout that goes to a file or a pipe is not on this screen.
  if (stdout.isTTY) stdout.write = guarded(stdout, writeStdout);
  stderr.write = guarded(stderr, writeStderr);
  const timer = setInterval(() => {
    if (!atLineStart || line === shown) return;
    draw(shown === "" ? line : ERASE_LINE + line);
    shown = line;
  }, FRAME_MS);
  timer.unref();

  return {
    update(next) {
      line = next;
    },
    stop() {
      clearInterval(timer);
      erase();
      stdout.write = writeStdout;
      stderr.write = writeStderr;
    },
  };
}
