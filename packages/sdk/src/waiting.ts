/** Waiting that ends: by a signal, or after a time; and whatever it waits for is then told that nobody does any more. */
import type { Duration } from "@bellows/protocol/duration";
import { parseDuration } from "@bellows/protocol/duration";
import { CancelledError, InvalidError } from "@bellows/protocol/errors";

export interface Waiting {
  signal?: AbortSignal | undefined;
  /** Made when the signal ends it; by default the cancelled call. */
  aborted?: ((signal: AbortSignal) => Error) | undefined;
  timeoutMs?: number | undefined;
  /** Made when the time is over. */
  timedOut?: (() => Error) | undefined;
}

/** `start` gives what to do when the waiting ends before its time. */
export async function waitFor<T>(
  { signal, aborted = abortError, timeoutMs, timedOut }: Waiting,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  if (signal?.aborted) throw aborted(signal);
  if (!signal && timeoutMs === undefined) return new Promise((resolve, reject) => void start(resolve, reject));
  const listening = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      const giveUp = start(resolve, reject);
      const end = (error: Error | undefined): void => {
        giveUp();
        reject(error);
      };
      signal?.addEventListener("abort", () => end(aborted(signal)), { once: true, signal: listening.signal });
      if (timeoutMs !== undefined) timer = setTimeout(() => end(timedOut?.()), timeoutMs);
    });
  } finally {
    clearTimeout(timer);
    listening.abort();
  }
}

export function abortError(signal: AbortSignal): CancelledError {
  return new CancelledError("the call was cancelled by its signal", { cause: signal.reason });
}

/** @throws InvalidError for what is not a duration. */
export function timeoutMsOf(timeout: Duration | undefined): number | undefined {
  if (timeout === undefined) return undefined;
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs !== undefined) return timeoutMs;
  throw new InvalidError(`timeout: ${String(timeout)} is not a duration; write milliseconds or "5s"`);
}
