/** What may be done to a thing in which state; follows from the tables of legal moves and from nothing else. */
import type { CallView } from "@bellows/protocol/call-views";
import type { AppState, CallKind, CallState, ContainerState, InputState } from "@bellows/protocol/states";
import {
  APP_MOVES,
  CALL_KINDS,
  CALL_MOVES,
  CALL_STATES,
  CONTAINER_MOVES,
  INPUT_MOVES,
  isFinishedCall,
  isGoneContainer,
  mayMove,
} from "@bellows/protocol/states";
import type { UserView } from "@bellows/protocol/views";

/** States in which there is something left to cancel, and to try again. */
export const CANCELLABLE_STATES = CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "cancelled"));
export const RETRYABLE_STATES = CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "running"));

/** Of a sync call nobody would be there to take the results of another try. */
export function canRetryKind(kind: CallKind): boolean {
  return CALL_KINDS[kind].queueClass === "async";
}

/** Asking twice changes nothing. */
export function canCancelCall({ state, cancelAsked }: Pick<CallView, "state" | "cancelAsked">): boolean {
  return !cancelAsked && CANCELLABLE_STATES.includes(state);
}

type Retryable = Pick<CallView, "state" | "kind" | "counts" | "deployed">;

/** There is something to try again, and the call is of a kind that can be. */
function hasSomethingToRetry({ state, kind, counts }: Retryable): boolean {
  return RETRYABLE_STATES.includes(state) && canRetryKind(kind) && counts.failed + counts.cancelled > 0;
}

export function canRetryCall(call: Retryable): boolean {
  return call.deployed && hasSomethingToRetry(call);
}

/** Something of it ended badly, and what ran it is gone. */
export function isTooLateToRetry(call: Retryable): boolean {
  return !call.deployed && hasSomethingToRetry(call);
}

/** What a role may do here; the API has the last word. */
export const ROLE_RIGHTS: Record<UserView["role"], { mayChange: boolean; mayAdminister: boolean }> = {
  owner: { mayChange: true, mayAdminister: true },
  admin: { mayChange: true, mayAdminister: true },
  editor: { mayChange: true, mayAdminister: false },
  viewer: { mayChange: false, mayAdminister: false },
};

/** A container that drains is already on its way out; one that is gone has nothing to stop. */
export function canStopContainer(state: ContainerState): boolean {
  return mayMove<ContainerState>(CONTAINER_MOVES, state, "draining");
}

/** Whether its numbers still move by themselves, so that a screen has to keep asking. */
export function isLiveCall(state: CallState): boolean {
  return !isFinishedCall(state);
}

export function isLiveContainer(state: ContainerState): boolean {
  return !isGoneContainer(state);
}

/** A stopped app runs nothing until it is deployed again. */
export function isFinishedApp(state: AppState): boolean {
  return !mayMove<AppState>(APP_MOVES, state, "stopped");
}

/** An input from which no attempt can come any more by itself: it has its output. */
export function isFinishedInput(state: InputState): boolean {
  return !mayMove<InputState>(INPUT_MOVES, state, "cancelled");
}
