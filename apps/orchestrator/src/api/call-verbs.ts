/** Calls over plain HTTP: the same engines as the links, one input at a time. */
import { ConflictError, NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS, outputStatusName } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import type { Engines, FinishedInput } from "../engine/engines.ts";
import { jsonOf } from "./previews.ts";
import { getCall } from "./queries/calls.ts";
import { endOf } from "./queries/input-detail.ts";
import type { CallResult, Verbs } from "./verbs.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  directory: FunctionDirectory;
}

/** @throws NotFoundError, ConflictError (the app is stopped), SerializationError, PayloadTooLargeError. */
export async function createCall(
  { engines, directory }: Deps,
  { functionId, args, kind }: Parameters<Verbs["createCall"]>[0],
): Promise<{ callId: string }> {
  const record = await directory.byId(functionId);
  if (!record) throw new NotFoundError(`there is no function ${functionId}; look it up again by app and name`);
  if (!record.active) {
    throw new ConflictError(
      `function "${record.name}" of app "${record.appName}" is not deployed any more; deploy the app again to call it`,
    );
  }
  return engines.submit({ callId: newId(), functionId, kind, values: [encodeValue(args)], idempotencyKey: null });
}

/** How an input ended, or its state so far. @throws NotFoundError when there is no such call or input. */
export async function callResult(
  deps: Deps,
  { callId, index, timeoutMs }: Parameters<Verbs["callResult"]>[0],
): Promise<CallResult> {
  const finished = await deps.engines.output(callId, index, timeoutMs);
  if (finished) return resultOf(finished);
  const call = await getCall(deps, callId);
  if (call.inputCount !== null && index >= call.inputCount) {
    throw new NotFoundError(`call ${callId} has no input ${index}; it has ${call.inputCount}, counted from 0`);
  }
  const runs = deps.engines.liveCall(call.functionId, callId)?.running.some((input) => input.index === index);
  return { state: runs ? "running" : "queued", result: null, error: null };
}

function resultOf({ status, payload }: FinishedInput): CallResult {
  const json = status === OUTPUT_STATUS.succeeded ? jsonOf(payload) : undefined;
  return { state: outputStatusName(status), ...endOf(status, payload), ...(json === undefined ? {} : { json }) };
}
