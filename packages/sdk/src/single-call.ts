/** Calls of one input: run and wait for the result, or store and go on. */
import { callOrigin } from "./call-origin.ts";
import type { BoundCall, CallOptions } from "./handle-binding.ts";
import type { CallListener, CallTerms } from "./link-call.ts";
import { endedWithoutOutput, storedOutput } from "./stored-outputs.ts";
import { waitFor } from "./waiting.ts";

/** Runs one input and resolves with its result, or rejects with its error. */
export async function remoteCall<Result>(
  { connection, wire, target, encode }: BoundCall,
  args: readonly unknown[],
  options: CallOptions,
): Promise<Result> {
  const { parent, signal } = callOrigin(options.signal);
  const terms: CallTerms = { inputCount: 1, idempotencyKey: options.idempotencyKey, parent };
  const value = encode(args);
  const ended = await waitFor<{ value: Result } | { existingCallId: string }>({ signal }, (resolve, reject) => {
    const listener: CallListener = {
      opened(existingCallId) {
        if (existingCallId === call.callId) return;
        call.leave();
        resolve({ existingCallId });
      },
      outputs([output]) {
        if (!output) return;
        const outcome = wire.payloads.outcomeOf(call.callId, output);
        // The handle's types come from the handler; what it returned travelled as bytes.
        if (outcome.ok) resolve({ value: outcome.value as Result });
        else reject(outcome.error);
      },
      finished: (state) => reject(endedWithoutOutput(call.callId, state)),
      failed: reject,
    };
    const call = wire.link.open(target, "remote", listener, terms);
    call.send(value);
    call.close();
    return () => call.cancel();
  });
  if ("value" in ended) return ended.value;
  return storedOutput<Result>({ connection, callId: ended.existingCallId, index: 0 }, { signal }, async () => true);
}

/** Stores one input and resolves with the id of its call once Postgres has committed. */
export async function spawnCall(
  { wire, target, encode }: BoundCall,
  args: readonly unknown[],
  options: CallOptions,
): Promise<string> {
  const { parent } = callOrigin(undefined);
  const terms: CallTerms = { inputCount: 1, idempotencyKey: options.idempotencyKey, parent };
  const value = encode(args);
  return waitFor<string>({ signal: options.signal }, (resolve, reject) => {
    const isStored = (callId: string): void => {
      call.leave();
      resolve(callId);
    };
    const call = wire.link.open(
      target,
      "spawn",
      {
        opened(existingCallId) {
          if (existingCallId !== call.callId) isStored(existingCallId);
        },
        outputs: ignoreOutputs,
        stored: () => isStored(call.callId),
        finished: () => isStored(call.callId),
        failed: reject,
      },
      terms,
    );
    call.send(value);
    call.close();
    return () => call.cancel();
  });
}

const ignoreOutputs: CallListener["outputs"] = () => undefined;
