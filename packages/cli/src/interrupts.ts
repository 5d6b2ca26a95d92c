/**
 * Signals during work that has to be wound up: the first one ends the wait, so that the app can be stopped; a second
 * one ends the process at once. What user code lets escape (an unhandled rejection) ends the wait like an error.
 */
import { constants } from "node:os";
import { reader } from "./reader-gone.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** The same, with nobody left to tell. */
export class InterruptedUnheard extends Interrupted {}

/** Runs the work until it ends, a signal comes, or nobody reads its output. `interrupted` is told of a signal at once. @throws Interrupted */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  interrupted: () => void,
): Promise<T> {
  const controller = new AbortController();
  let reject: (error: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  const end = (why: Interrupted): void => {
    reject(why);
    controller.abort();
  };
  let signals = 0;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    signals += 1;
    if (signals > 1) process.exit(128 + constants.signals[signal]);
    interrupted();
    end(new Interrupted(`interrupted by ${signal}`));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  reader.on("gone", () => end(new InterruptedUnheard("nobody reads the output any more")));
  // All stay: winding up is not to be cut short by the first Ctrl-C, nor by a timer that user code left behind.
  process.on("uncaughtException", reject);
  return Promise.race([work(controller.signal), ended]);
}
