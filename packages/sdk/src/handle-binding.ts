/** Where the calls of a handle go, how they are made, and the pool they go to; what every kind of handle is built on. */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { parseAutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { CancelledError, InvalidError } from "@bellows/protocol/errors";
import type { FunctionSettings, PoolOptions } from "@bellows/protocol/function-options";
import { parsePoolOptions } from "@bellows/protocol/function-options";
import type { EffectiveSettings, HandleStats } from "@bellows/protocol/views";
import type { Connection, Wire } from "./connection.ts";
import { refuseUnknown } from "./known-options.ts";
import type { CallTarget } from "./link-call.ts";
import type { ArgumentsPlace } from "./payloads.ts";
import { waitFor } from "./waiting.ts";

/** How calls made through a handle behave. */
export interface CallOptions {
  /**
   * Cancels `remote`, `map`, `starmap`, `forEach` and `remoteGen`; `spawn` and `spawnMap` while they are being stored;
   * and ends waiting for `stats` and `updateAutoscaler`. Inside a container the signal of the current input does so in
   * any case, but for what is stored, and for those two, so that code may ask for them as it cleans up.
   */
  signal?: AbortSignal | undefined;
  /** `remote` and `spawn`: the same key within 24 hours is the same call. At most 256 characters. */
  idempotencyKey?: string | undefined;
}

/** What may differ in a pool of its own; whether a function is batched is part of what its callers pass. */
export type OwnPoolOptions = Omit<PoolOptions, "batched">;

/** Of how many inputs a container runs at a time; `targetInputs` is what containers are provisioned for. */
export type Concurrency = NonNullable<PoolOptions["concurrent"]>;

/** How one question about a function is asked. */
export interface AskOptions {
  /** Ends the waiting; what has been sent by then may happen all the same. By default that of the handle (`with`). */
  signal?: AbortSignal | undefined;
}

/** How large the batches of a batched function are, and how long the oldest input of one waits for others. */
export type Batching = NonNullable<PoolOptions["batched"]>;

export interface HandleBinding {
  connection(): Connection;
  /**
   * The function, asked at each call since an export learns its name late.
   * @throws InvalidError when it cannot be called from here.
   */
  place(connection: Connection): { environment: string; app: string; function: string };
  /** Names it in a sentence. */
  label(): string;
  /** The settings that make a pool of its own. */
  readonly settings: Partial<FunctionSettings>;
  /** The arguments of the constructor, of a class; empty for none. */
  readonly parameters: readonly unknown[];
  /** Of a class: the name of the method, which goes before the arguments. */
  readonly method: string | undefined;
  /** @throws InvalidError when these settings do not fit those of the function, where they are known. */
  check(settings: Partial<FunctionSettings>): void;
}

export interface BoundCall {
  connection: Connection;
  wire: Wire;
  target: CallTarget;
  /** Of a call of many inputs, `input` is which. @throws SerializationError, PayloadTooLargeError, which name it. */
  encode(args: readonly unknown[], input?: number): Uint8Array;
}

/** Opens the connection if it is not. @throws AuthError, InvalidError. */
export async function bound(binding: HandleBinding): Promise<BoundCall> {
  const connection = binding.connection();
  const place = binding.place(connection);
  const wire = connection.wire ?? (await connection.connect());
  const { encodeArguments } = wire.payloads;
  const { method } = binding;
  return {
    connection,
    wire,
    target: { ...place, method, pool: poolOf(binding, encodeArguments) },
    encode: (args, input) => encodeArguments(args, { method, input }),
  };
}

type Encode = (args: readonly unknown[], place: ArgumentsPlace) => Uint8Array;
const CONSTRUCTOR = { noun: "constructor argument" };

function poolOf({ settings, parameters }: HandleBinding, encode: Encode) {
  if (Object.keys(settings).length === 0 && parameters.length === 0) return null;
  return { settings, parameters: parameters.length === 0 ? null : encode(parameters, CONSTRUCTOR) };
}

/** @throws InvalidError naming the option that is out of bounds. */
export function inOwnPool(binding: HandleBinding, options: PoolOptions): HandleBinding {
  if (typeof options !== "object" || options === null) {
    throw new InvalidError('a pool of its own needs options: withOptions({ timeout: "5m" })');
  }
  const settings = { ...binding.settings, ...parsePoolOptions(options) };
  binding.check(settings);
  return { ...binding, settings };
}

/** @throws InvalidError */
export function ofConcurrency(binding: HandleBinding, concurrent: Concurrency): HandleBinding {
  if (typeof concurrent === "object" && concurrent !== null) return inOwnPool(binding, { concurrent });
  throw new InvalidError(
    "withConcurrency: say how many inputs a container runs at a time: withConcurrency({ maxInputs: 8 })",
  );
}

/** @throws InvalidError, also for a function that is known not to be batched. */
export function ofBatching(binding: HandleBinding, batched: Batching): HandleBinding {
  if (typeof batched === "object" && batched !== null) return inOwnPool(binding, { batched });
  throw new InvalidError(
    "withBatching: say how large batches are, and how long inputs wait for one: withBatching({ maxBatchSize: 32, waitMs: 100 })",
  );
}

/** Inputs and containers now. @throws NotFoundError when it is not deployed; CancelledError by the signal. */
export async function statsOf(binding: HandleBinding, of: CallOptions, options: AskOptions = {}): Promise<HandleStats> {
  return asked("stats", of, options, async (request) => {
    const { api, ref } = await named(binding);
    return api.request((procedures) => procedures.functions.stats.query(ref, request));
  });
}

/**
 * All settings in force afterwards.
 * @throws InvalidError, before anything is sent where that can be known; NotFoundError when it is not deployed;
 * CancelledError by the signal.
 */
export async function updateAutoscalerOf(
  binding: HandleBinding,
  of: CallOptions,
  changes: AutoscalerChanges,
  options: AskOptions = {},
): Promise<EffectiveSettings> {
  // JSON has no NaN: sent as it is, it would arrive as the null that takes a change back.
  parseAutoscalerChanges(changes);
  return asked("updateAutoscaler", of, options, async (request) => {
    const { api, ref } = await named(binding);
    const input = { ...ref, changes };
    const { settings } = await api.request((api) => api.functions.updateAutoscaler.mutate(input, request));
    return settings;
  });
}

/** Without an answer, too, it ends with the signal, which is passed on so that what is open is closed. */
function asked<T>(
  verb: string,
  of: CallOptions,
  options: AskOptions,
  ask: (request: { signal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  refuseUnknown(verb, options, ["signal"]);
  const { signal = of.signal } = options;
  const aborted = ({ reason }: AbortSignal) =>
    new CancelledError(`waiting for ${verb} was ended by its signal`, { cause: reason });
  return waitFor<T>({ signal, aborted }, (resolve, reject) => {
    ask(signal ? { signal } : {}).then(resolve, reject);
    return () => undefined;
  });
}

/** The handle as procedures name it. */
async function named(binding: HandleBinding) {
  const connection = binding.connection();
  const { environment, app, function: name } = binding.place(connection);
  const [api, { encodeArguments }] = await Promise.all([connection.api(), import("./payloads.ts")]);
  const pool = poolOf(binding, encodeArguments);
  const parameters = pool?.parameters ? Buffer.from(pool.parameters).toString("base64") : null;
  return { api, ref: { environment, app, name, pool: pool && { settings: pool.settings, parameters } } };
}

/** The options with these in their places. @throws InvalidError for a key that no call can have. */
export function checkedOptions(options: CallOptions, more: CallOptions): CallOptions {
  refuseUnknown("with", more, ["signal", "idempotencyKey"]);
  const { idempotencyKey: key } = more;
  if (key === undefined || (typeof key === "string" && key.length >= 1 && key.length <= 256)) {
    return { ...options, ...more };
  }
  throw new InvalidError("idempotencyKey: write a text of 1 to 256 characters that is the same for the same call");
}

/** @throws InvalidError, since a second call would be made where one was expected. */
export function withoutKey({ idempotencyKey }: CallOptions, verb: string): void {
  if (idempotencyKey === undefined) return;
  throw new InvalidError(`idempotencyKey: ${verb} takes none; only \`remote\` and \`spawn\` do`);
}
