/** Ends the inputs that wait for containers which do not start; `start-failures.ts` says when and why. */
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { doom } from "./cancel.ts";
import type { Effect } from "./events.ts";
import { endInput, neverRan } from "./outcome.ts";
import { degradedError, isDegraded, isHopeless } from "./start-failures.ts";
import type { Doom, FunctionCore } from "./state.ts";

export function failWaitingForStart(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  const { startFailures, census } = core;
  if (!isDegraded(startFailures) || core.recovering || nowMs >= startFailures.pausedUntilMs) return;
  if (census.ready + census.lost > 0) return;
  if (core.queued.sync === 0 && !isHopeless(startFailures)) return;
  const how: Doom = { status: OUTPUT_STATUS.failed, payload: encodeValue(degradedError(startFailures)) };
  for (let call = core.rounds.sync.head; call; call = core.rounds.sync.head) {
    const input = call.queued.head;
    if (input) endInput(core, input, neverRan(input, { ...how, nowMs }), nowMs, effects);
  }
  for (let input = core.suspects.head; input; ) {
    const { next } = input;
    if (input.call.queueClass === "sync") endInput(core, input, neverRan(input, { ...how, nowMs }), nowMs, effects);
    input = next;
  }
  if (!isHopeless(startFailures)) return;
  for (const call of core.calls.values()) {
    if (call.opened && !call.doom && call.queueClass === "async") doom(core, call, how, nowMs, effects);
  }
}
