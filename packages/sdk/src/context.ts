/**
 * What code that runs in a container may ask about the input it is working on. Outside of one there is none; the inputs
 * of a batch are told only what is true of all of them.
 */
import { inputIdOf } from "@bellows/protocol/ids";
import { runtimeContext } from "@bellows/protocol/runtime-context";

/** The id of the call that is being worked on; `undefined` outside of a container, and in a batch of several calls. */
export function currentCallId(): string | undefined {
  const input = runtimeContext()?.currentInput();
  return input && input.common !== "nothing" ? input.callId : undefined;
}

/** `<call id>:<index>` of the input that is being worked on; `undefined` outside of a container, and in a batch of several. */
export function currentInputId(): string | undefined {
  const input = runtimeContext()?.currentInput();
  return input?.common === "input" ? inputIdOf(input.callId, input.index) : undefined;
}

/**
 * Aborts when the input is cancelled or out of time, in a batch when all of its inputs are; `undefined` outside of a
 * container.
 */
export function currentSignal(): AbortSignal | undefined {
  return runtimeContext()?.currentInput()?.signal;
}
