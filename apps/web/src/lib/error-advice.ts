/**
 * What to do about an error, by its code. The message of an error says what happened to what; these lines are for
 * the reader of a screen, who did not write the call.
 */
import type { ErrorCode } from "@bellows/protocol/errors";

export const ERROR_ADVICE: Record<ErrorCode, string> = {
  NOT_FOUND: "It may have been removed, or the address may be mistyped. Go back to the list and look for it there.",
  INVALID: "The value named above is not accepted. Correct it where the call is made or the function is defined.",
  AUTH: "Sign in again: `npx bellows sign-in` prints a new link.",
  PERMISSION_DENIED: "Your role does not allow this. An owner can change it.",
  CONFLICT: "It exists already or was changed meanwhile. Reload and try again.",
  LIMIT_EXCEEDED: "A limit of this environment is reached. Wait until less is pending, or raise the limit.",
  TIMEOUT: "It was not ready in time. It goes on; ask again later.",
  FUNCTION_TIMEOUT: "The handler ran longer than the function's `timeout`. Make it faster, or raise `timeout`.",
  OUTPUT_EXPIRED: "Calls and results are kept for a time only. Run the call again.",
  CANCELLED: "Somebody cancelled the call. Start it again if the result is still wanted.",
  REMOTE: "The function's own code threw this. The stack shows your lines; the logs of the input may say more.",
  CONTAINER_CRASHED: "The process ended while it ran. Look at the container's logs; a memory limit is a common cause.",
  STARTUP: "The code could not be loaded or an `enter` hook threw. Mend it and deploy again.",
  SERIALIZATION:
    "Values travel as structured clones: no functions, no symbols. The path above names the one to change.",
  PAYLOAD_TOO_LARGE: "A value may have 16 MiB. Split it, or pass a reference to where it is stored.",
  CONNECTION: "Start it with `npm start`, or look at its log. This page goes on by itself when it answers again.",
  INTERNAL: "This is a defect of Bellows. The orchestrator's log has the details.",
};
