/** What is said of a call that is not stored: its id tells when it was made, and so whether it ever can have been. */
import { NotFoundError, OutputExpiredError } from "@bellows/protocol/errors";
import { idTimeMs, isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";

const DAY_MS = 24 * 3_600_000;

export function missingCall(callId: string, nowMs: number): NotFoundError | OutputExpiredError {
  const days = LIMITS.retentionMs / DAY_MS;
  if (isId(callId) && nowMs - idTimeMs(callId) > LIMITS.retentionMs) {
    return new OutputExpiredError(
      `call ${callId} was made more than ${days} days ago; calls and their outputs are kept for ${days} days`,
    );
  }
  return new NotFoundError(`there is no call ${callId}; look its id up with \`bellows call list\``);
}
