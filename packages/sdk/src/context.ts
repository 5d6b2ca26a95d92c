/** What code that runs in a container may ask about the input it is working on. Outside of one there is none. */
import { inputIdOf } from "@bellows/protocol/ids";
import { runtimeContext } from "@bellows/protocol/runtime-context";

/** The id of the call that is being worked on; `undefined` outside of a container. */
export function currentCallId(): string | undefined {
  return runtimeContext()?.currentInput()?.callId;
}

/** `<call id>:<index>` of the input that is being worked on; `undefined` outside of a container. */
export function currentInputId(): string | undefined {
  const input = runtimeContext()?.currentInput();
  return input && inputIdOf(input.callId, input.index);
}

/** Aborts when the input is cancelled or out of time; `undefined` outside of a container. */
export function currentSignal(): AbortSignal | undefined {
  return runtimeContext()?.currentInput()?.signal;
}
