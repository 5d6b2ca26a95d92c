/**
 * Keeps within bounds what a peer makes us hold: its link is not read from while too much waits for Postgres, nor while
 * it does not read itself what is sent to it.
 */
import type { FrameSocket } from "./frame-socket.ts";

/** Reading stops while more than this many bytes wait for Postgres, and goes on below half of it. */
const PENDING_BYTES_HIGH = 128 * 1024 * 1024;
const CHECK_MS = 20;

export interface BackPressure {
  /** Looks at how much waits. Call it after each message. */
  check(): void;
  /** The link is gone. */
  stop(): void;
}

export function backPressure(
  link: Pick<FrameSocket<never>, "pause" | "resume" | "isFull">,
  pendingBytes: () => number,
): BackPressure {
  let timer: NodeJS.Timeout | undefined;

  function lookAgain(): void {
    if (link.isFull || pendingBytes() > PENDING_BYTES_HIGH / 2) return;
    stop();
    link.resume();
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  return {
    check() {
      if (timer || (!link.isFull && pendingBytes() <= PENDING_BYTES_HIGH)) return;
      link.pause();
      timer = setInterval(lookAgain, CHECK_MS);
    },
    stop,
  };
}
