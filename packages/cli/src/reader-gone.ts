/**
 * What is written to a pipe that nobody reads any more (`bellows logs -f | head`). Work that is under way is wound up as
 * by a signal, for it has lost whom it was for; what only shows has shown all that was wanted, and ends well.
 */
export const READER_GONE = "SIGPIPE";

/** From now until the process ends. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // Nobody listens while nothing has to be wound up.
    if (!process.emit(READER_GONE)) process.exit(0);
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
