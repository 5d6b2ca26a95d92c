/**
 * The inputs of a generator run at most once: its caller may have seen values of an attempt already. One that has begun,
 * or may have, ends with its attempt instead of going back into the queue.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { Effect } from "./events.ts";
import { endInput, neverRan } from "./outcome.ts";
import { runsAtMostOnce } from "./retry.ts";
import type { FunctionCore, Input } from "./state.ts";

/**
 * After a restart nobody knows whether a stored input had begun. Those that no container has brought back by the time
 * containers have had to link up count as begun.
 */
export function endUnaccountedGenerators(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (!runsAtMostOnce(core.settings)) return;
  for (const call of [...core.calls.values()]) {
    for (const input of [...call.inputs.values()]) {
      if (input.place === "queued" && mayHaveBegun(input)) endUnaccounted(core, input, nowMs, effects);
    }
  }
}

/** Marks an input that was stored before a restart; it has no attempt that is known of. */
export function noteMayHaveBegun(input: Input): void {
  input.lastAttempt = Math.max(1, input.lastAttempt);
}

function mayHaveBegun(input: Input): boolean {
  return input.lastAttempt > 0;
}

export function endUnaccounted(core: FunctionCore, input: Input, nowMs: number, effects: Effect[]): void {
  const end = { status: OUTPUT_STATUS.failed, payload: encodeValue(UNACCOUNTED), nowMs };
  endInput(core, input, neverRan(input, end), nowMs, effects);
}

const UNACCOUNTED: ErrorData = {
  code: "CONTAINER_CRASHED",
  name: "ContainerCrashedError",
  message:
    "the orchestrator was restarted and no container has this generator any more, which may have begun; " +
    "a generator is not run twice, so call it again if that does no harm",
};
