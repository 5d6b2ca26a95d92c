/**
 * Running a finished call again: the inputs that failed or were cancelled lose their outputs in one fact, and the call
 * comes back as after a restart. Killed before the fact is stored, nothing has happened; after it, the call is found
 * running.
 */
import { ConflictError, InvalidError } from "@bellows/protocol/errors";
import { CALL_KINDS, isFinishedCall } from "@bellows/protocol/states";
import type { FactReader } from "../journal/facts.ts";
import type { CallIntake } from "./call-intake.ts";
import type { CallTable } from "./call-table.ts";

export type StoredCall = NonNullable<Awaited<ReturnType<FactReader["call"]>>>;

/** How many inputs of a stored call may be run again. @throws ConflictError, InvalidError. */
export function retriable({ callId, kind, state, counts }: StoredCall): number {
  if (CALL_KINDS[kind].queueClass === "sync") {
    throw new InvalidError(
      `call ${callId} was made with \`${kind}\`, whose caller had its results; only spawned calls can be retried: make a new call`,
    );
  }
  if (!isFinishedCall(state)) {
    throw new ConflictError(`call ${callId} is still running; retry it when it is finished, or cancel it first`);
  }
  return counts.failed + counts.cancelled;
}

interface RetryingEngine {
  calls: Pick<CallTable, "get">;
  intake: Pick<CallIntake, "retry">;
  committed(): Promise<void>;
}

/**
 * Resolves when it is stored. `readAgain` gives the call as it is stored by then.
 * @throws ConflictError when it is being retried already, cannot run any more, or Postgres refuses it; LimitExceededError.
 */
export async function retryCall(
  engine: RetryingEngine,
  call: StoredCall,
  readAgain: () => Promise<StoredCall>,
): Promise<{ retried: number }> {
  let current = call;
  if (engine.calls.get(call.callId)) {
    // Its end is stored, and the engine is just about to hear that; or somebody else retries it.
    await engine.committed();
    current = await readAgain();
  }
  const retried = retriable(current);
  if (retried === 0) return { retried };
  let refusal: Error | undefined;
  engine.intake.retry(current, (error) => {
    refusal = error;
  });
  await engine.committed();
  if (refusal) throw refusal;
  return { retried };
}
