/**
 * What is written to a pipe that nobody reads any more (`bellows logs -f | head`). Work that is under way is wound up as
 * by a signal, for it has lost whom it was for; what only shows has shown all that was wanted, and ends well.
 */
import { EventEmitter } from "node:events";

/** Who has something to wind up listens. Not the signal SIGPIPE, which comes again with each write once it is listened to. */
export const reader = new EventEmitter<{ gone: [] }>();

/** From now until the process ends. */
export function endWithReader(): void {
  let isGone = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // Each write fails anew.
    if (isGone) return;
    isGone = true;
    if (!reader.emit("gone")) process.exit(0);
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
