/** What may be done to a thing in which state; follows from the tables of legal moves and from nothing else. */
import type { AppState, CallState, ContainerState, InputState } from "@bellows/protocol/states";
import {
  APP_MOVES,
  CALL_MOVES,
  CONTAINER_MOVES,
  INPUT_MOVES,
  isFinishedCall,
  isGoneContainer,
  mayMove,
} from "@bellows/protocol/states";

export function canCancelCall(state: CallState): boolean {
  return mayMove<CallState>(CALL_MOVES, state, "cancelled");
}

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
