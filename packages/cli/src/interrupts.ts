/**
 * Signals during work that has to be wound up: the first one ends the wait, so that the app can be stopped; a second
 * one ends the process at once. What user code lets escape (an unhandled rejection) ends the wait like an error.
 */
import { constants } from "node:os";
import { READER_GONE } from "./reader-gone.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", READER_GONE] as const;

export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** There is nobody to tell that it was. */
  readonly isUnheard: boolean;

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}`);
    this.isUnheard = signal === READER_GONE;
  }
}

/** Runs the work until it ends or a signal comes. `interrupted` says so at once, where somebody hears it. @throws Interrupted */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  interrupted: () => void,
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
    const interruption = new Interrupted(signal);
    if (!interruption.isUnheard) interrupted();
    reject(interruption);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Both stay: winding up is not to be cut short by the first Ctrl-C, nor by a timer that user code left behind.
  process.on("uncaughtException", reject);
  return Promise.race([work(controller.signal), ended]);
}
