/**
 * What user code prints, as log lines of the input it runs for. Every line leaves the process at once, so that the last
 * words before a crash are kept. What is printed past Node's streams (child processes, native code) is the agent's to catch.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import type { LogItem } from "@bellows/protocol/frame-parts";
import { LineSplitter } from "../log-lines.ts";
import type { Running } from "./running-input.ts";

type Stream = "stdout" | "stderr";

export interface ConsoleCapture {
  /** Prints what an input wrote without a newline at the end; undefined stands for code that runs for no input. */
  flush: (input: Running | undefined) => void;
}

export function captureConsole(current: AsyncLocalStorage<Running>, write: (lines: LogItem[]) => void): ConsoleCapture {
  const partial = new Map<Running | undefined, Record<Stream, LineSplitter>>();

  function splitterOf(input: Running | undefined, stream: Stream): LineSplitter {
    let splitters = partial.get(input);
    if (!splitters) {
      splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
      partial.set(input, splitters);
    }
    return splitters[stream];
  }

  function print(stream: Stream, input: Running | undefined, lines: string[]): void {
    if (lines.length === 0) return;
    const atMs = Date.now();
    // A line of a batch belongs to no input of it, and to a call only where all of its inputs are of that.
    const callId = input && input.common !== "nothing" ? input.callId : null;
    const index = input?.common === "input" ? input.index : null;
    write(lines.map((line) => [atMs, stream, callId, index, line]));
  }

  function capture(stream: Stream): void {
    process[stream].write = (
      chunk: Uint8Array | string,
      encoding?: BufferEncoding | ((error?: Error | null) => void),
      callback?: (error?: Error | null) => void,
    ): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
      const input = current.getStore();
      const isWhole = text.endsWith("\n") && !partial.has(input);
      print(stream, input, (isWhole ? new LineSplitter() : splitterOf(input, stream)).push(text));
      // Nobody will flush the rest of an input that has ended.
      if (input?.ended) flush(input);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }

  function flush(input: Running | undefined): void {
    const splitters = partial.get(input);
    if (!splitters) return;
    partial.delete(input);
    print("stdout", input, splitters.stdout.end());
    print("stderr", input, splitters.stderr.end());
  }

  capture("stdout");
  capture("stderr");
  return { flush };
}
