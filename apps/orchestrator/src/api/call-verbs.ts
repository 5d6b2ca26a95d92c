/** Calls over plain HTTP: the same engines as the links, one input at a time. */
import { functions } from "@bellows/db/schema/functions";
import { ConflictError, InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { listNames, noSuchMethod } from "@bellows/protocol/known-names";
import { FUNCTION_KINDS, OUTPUT_STATUS, outputStatusName } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import type { HandleStats } from "@bellows/protocol/views";
import { and, eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { FunctionDirectory, FunctionRecord } from "../catalog/function-directory.ts";
import { poolKeyOf } from "../catalog/pool-key.ts";
import type { Engines, FinishedInput } from "../engine/engines.ts";
import { handlePool } from "./handle-pool.ts";
import { jsonOf } from "./previews.ts";
import { getCall } from "./queries/calls.ts";
import { endOf } from "./queries/input-detail.ts";
import { handleStats } from "./queries/live-stats.ts";
import type { Reach } from "./reach.ts";
import type { CallRequest, CallResult, HandleRef, Verbs } from "./verbs.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  directory: FunctionDirectory;
  now: () => number;
  retentionMs: number;
}

/**
 * @throws NotFoundError, ConflictError (the app is stopped), InvalidError (it is not called like that),
 * LimitExceededError, SerializationError, PayloadTooLargeError.
 */
export async function createCall({ engines, directory }: Deps, request: CallRequest, reach: Reach) {
  const { functionId, kind, idempotencyKey = null } = request;
  const record = await directory.byId(functionId);
  if (!record || (reach.environment !== null && record.environment !== reach.environment)) {
    throw new NotFoundError(`there is no function ${functionId}; look it up again by app and name`);
  }
  if (!record.active) {
    throw new ConflictError(
      `function "${record.name}" of app "${record.appName}" is not deployed any more; deploy the app again to call it`,
    );
  }
  const values = [encodeValue(inputOf(record, request))];
  return engines.submit({ callId: newId(), functionId, kind, values, idempotencyKey, by: reach.principal });
}

/** What the worker gets: the arguments, of a class with the name of the method before them. */
function inputOf({ name, settings }: FunctionRecord, { method, args, kind }: CallRequest): unknown[] {
  if (!FUNCTION_KINDS[settings.kind].calledWith.some((verb) => verb === kind)) {
    throw new InvalidError(
      `"${name}" is a ${settings.kind}; call it with remoteGen of the SDK, which takes its values as they come`,
    );
  }
  if (settings.kind !== "class") {
    if (method === undefined) return args;
    throw new InvalidError(`"${name}" is a ${settings.kind} and has no methods; leave \`method\` out`);
  }
  if (method !== undefined && settings.methods.includes(method)) return [method, ...args];
  throw new InvalidError(
    method === undefined
      ? `"${name}" is a class; name one of its methods as \`method\`: ${listNames(settings.methods)}`
      : noSuchMethod(`class "${name}"`, method, settings.methods),
  );
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

/** The numbers of a handle. A pool that nobody has called yet has none, and is not made for the question. */
export async function functionStats({ db, engines, directory }: Deps, ref: HandleRef): Promise<HandleStats> {
  const base = await directory.resolve(ref.environment, ref.app, ref.name);
  if (!ref.pool) return handleStats(engines, base.functionId);
  const poolKey = poolKeyOf(handlePool(ref.pool));
  const [row] = await db
    .select({ id: functions.id })
    .from(functions)
    .where(and(eq(functions.appId, base.appId), eq(functions.name, ref.name), eq(functions.poolKey, poolKey)));
  return handleStats(engines, row?.id ?? "");
}

function resultOf({ status, payload }: FinishedInput): CallResult {
  const json = status === OUTPUT_STATUS.succeeded ? jsonOf(payload) : undefined;
  return { state: outputStatusName(status), ...endOf(status, payload), ...(json === undefined ? {} : { json }) };
}
