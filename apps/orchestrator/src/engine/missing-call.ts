/** What is said of a call that is not stored: its id tells when it was made, and so whether it ever can have been. */
import { inDays } from "@bellows/protocol/duration";
import { NotFoundError, OutputExpiredError } from "@bellows/protocol/errors";
import { idTimeMs, isId } from "@bellows/protocol/ids";

export function missingCall(
  callId: string,
  { nowMs, retentionMs }: { nowMs: number; retentionMs: number },
): NotFoundError | OutputExpiredError {
  if (isId(callId) && nowMs - idTimeMs(callId) > retentionMs) {
    const days = inDays(retentionMs);
    return new OutputExpiredError(
      `call ${callId} was made more than ${days} ago; calls and their outputs are kept for ${days}`,
    );
  }
  return new NotFoundError(`there is no call ${callId}; look its id up with \`bellows call list\``);
}
