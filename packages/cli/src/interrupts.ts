/**
 * Signals during work that has to be wound up: the first one ends the wait, so that the app can be stopped; a second
 * one ends the process at once. What user code lets escape (an unhandled rejection) ends the wait like an error.
 */
import { constants } from "node:os";

export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs the work until it ends or a signal comes. `interrupted` is told at once. @throws Interrupted */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  interrupted: (signal: string) => void,
): Promise<T> {
  const controller = new AbortController();
  let reject: (error: unknown) => void = () => undefined;
  const ended = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  let signals = 0;
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    signals += 1;
    if (signals > 1) process.exit(128 + constants.signals[signal]);
    interrupted(signal);
    reject(new Interrupted(`interrupted by ${signal}`));
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Both stay: winding up is not to be cut short by the first Ctrl-C, nor by a timer that user code left behind.
  process.on("uncaughtException", reject);
  return Promise.race([work(controller.signal), ended]);
}
