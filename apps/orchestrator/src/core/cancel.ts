/**
 * How a call ends before its inputs have run: cancelled by its caller or with its app, or failed because its code
 * cannot start. What is queued ends at once; what is stored and not in memory ends page by page as it is loaded, so a
 * million inputs never make a million effects in one step; what runs is told to stop and ends by itself.
 */
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { countTail, finishIfDone, receivedCount } from "./calls.ts";
import type { Effect } from "./events.ts";
import { loadOnlyToEnd, wantLoad } from "./loading.ts";
import { endInput, neverRan } from "./outcome.ts";
import { recallUnbegun } from "./recall.ts";
import type { Call, Container, Doom, FunctionCore } from "./state.ts";
import { kill } from "./victims.ts";

export function cancelCall(
  core: FunctionCore,
  call: Call,
  terminateContainers: boolean,
  nowMs: number,
  effects: Effect[],
): void {
  const containers = new Set<Container>();
  for (const { hold } of call.inputs.values()) if (hold) containers.add(hold.container);
  if (!call.cancelled) {
    call.cancelled = true;
    // Nothing more will come: whoever cancels has stopped sending, or has vanished.
    call.inputCount ??= receivedCount(call);
    doom(core, call, { status: OUTPUT_STATUS.cancelled, payload: CANCELLED }, nowMs, effects);
  }
  for (const container of containers) {
    if (!terminateContainers) cancelHeld(container, effects);
    else if (!container.endAsked)
      kill(core, container, "a call that it ran was cancelled with terminateContainers", effects);
  }
  if (core.calls.has(call.callId)) finishIfDone(core, call, nowMs, effects);
}

const CANCELLED = encodeValue({
  code: "CANCELLED",
  name: "CancelledError",
  message: "the call was cancelled before this input had run",
});

/** Ends every input of a call that no container holds, now or when it is loaded or given back. */
export function doom(core: FunctionCore, call: Call, how: Doom, nowMs: number, effects: Effect[]): void {
  loadOnlyToEnd(core, call);
  call.doom = how;
  countTail(core, call);
  wantLoad(core, call);
  for (const input of [...call.inputs.values()]) {
    if (input.place !== "queued" && input.place !== "delayed") continue;
    endInput(core, input, neverRan(input, { ...how, nowMs }), nowMs, effects);
  }
}

/** Stops the attempts of doomed calls in a container: takes back what has not begun, cancels what has. */
export function cancelHeld(container: Container, effects: Effect[]): void {
  if (!container.linked) return;
  const running: AttemptRef[] = [];
  let waiting = 0;
  for (let hold = container.holds.head; hold; hold = hold.next) {
    const { call, index } = hold.input;
    if (!call.doom) continue;
    if (hold.begun) running.push([call.callId, index, hold.attempt]);
    else waiting += 1;
  }
  if (running.length > 0) effects.push({ type: "cancelAttempts", containerId: container.id, attempts: running });
  // The rest that waits comes back too and is handed out again: cheaper than telling them apart.
  if (waiting > 0) recallUnbegun(container, container.holds.length, effects);
}
