/** The progress of a call as numbers. */
import type { CallView } from "@bellows/protocol/views";

export interface Progress {
  /** Inputs that have ended, however they did. */
  done: number;
  /** Inputs known so far. */
  total: number;
  /** More inputs may still come. */
  open: boolean;
}

export function progressOf({
  counts,
  inputCount,
  receivedCount,
}: Pick<CallView, "counts" | "inputCount" | "receivedCount">): Progress {
  return {
    done: counts.succeeded + counts.failed + counts.cancelled,
    total: inputCount ?? receivedCount,
    open: inputCount === null,
  };
}
