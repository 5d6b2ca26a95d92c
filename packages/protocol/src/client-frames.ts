/**
 * The link between a client (SDK, CLI) and the orchestrator. One WebSocket at `/link/client`, `Authorization: Bearer`
 * with an API token. Every message is a list of these frames. A client may send anything again after a reconnect:
 * calls are known by the id the client made, inputs by their index.
 */
import * as z from "zod/mini";
import { errorDataSchema } from "./errors.ts";
import { bytes, bytesList, deliveredItems, id, index, LOG_STREAMS } from "./frame-parts.ts";
import { functionSettingsSchema } from "./function-options.ts";
import { LIMITS } from "./limits.ts";
import type { CallKind, CallState } from "./states.ts";
import { CALL_KINDS } from "./states.ts";

/**
 * A pool of containers of its own for the code of a function: with other settings (only those that differ), or, of a
 * class, constructed with these arguments (an encoded array).
 */
export const poolSchema = z.object({
  settings: z.partial(functionSettingsSchema),
  parameters: z.nullable(bytes),
});
export type Pool = z.infer<typeof poolSchema>;

export const clientFrameSchema = z.discriminatedUnion("type", [
  /**
   * Opens a call on a function known by name. With `resume` the call may exist already (the link was cut): the
   * server then also looks for it, and for outputs of its inputs, among the stored facts.
   */
  z.object({
    type: z.literal("open"),
    callId: id,
    environment: z.string(),
    app: z.string(),
    function: z.string(),
    /** Of a class: the method that every input names. Refused of what is no class, which would take the name for an argument. */
    method: z.optional(z.string().check(z.maxLength(256))),
    /** Null for the function as it is deployed. */
    pool: z.nullable(poolSchema),
    kind: z.enum(Object.keys(CALL_KINDS) as [CallKind, ...CallKind[]]),
    /** How many inputs will come, where that is known before they are read; a call that is too large is refused at once. */
    inputCount: z.nullable(index),
    idempotencyKey: z.nullable(z.string().check(z.maxLength(256))),
    /** The input whose code makes this call. */
    parent: z.nullable(z.object({ callId: id, index })),
    resume: z.boolean(),
  }),
  /**
   * Inputs `firstIndex`, `firstIndex + 1`, ...; each value is the encoded array of arguments, of a class with the
   * method's name before them. Sent again until `stored`.
   */
  z.object({
    type: z.literal("inputs"),
    callId: id,
    firstIndex: index,
    values: bytesList.check(z.minLength(1), z.maxLength(LIMITS.inputsPerChunk)),
  }),
  /** No more inputs will come; there were `inputCount`. */
  z.object({ type: z.literal("close"), callId: id, inputCount: index }),
  z.object({ type: z.literal("cancel"), callId: id, terminateContainers: z.boolean() }),
  /**
   * Of a sync call that was opened on a link that is gone: sends the outputs from `fromIndex` on, those that are there
   * first, then each as it comes, then `finished`.
   */
  z.object({ type: z.literal("watch"), callId: id, fromIndex: index }),
  /**
   * Asks for outputs of any call, in order: `page` answers as soon as the one at `fromIndex` is there, or the call is
   * over. Who reads on asks again, so nothing piles up on the way to a slow reader.
   */
  z.object({
    type: z.literal("read"),
    requestId: index,
    callId: id,
    fromIndex: index,
    limit: z.int().check(z.minimum(1), z.maximum(LIMITS.inputsPerChunk)),
  }),
  /** Nobody waits for the answer to this `read` any more. */
  z.object({ type: z.literal("unread"), requestId: index }),
  /**
   * Of a `remoteGen`: the first `received` values it yielded have been taken, so it may go on to `STREAM_WINDOW` past
   * them. `resend`: those after them may have been lost with a link.
   */
  z.object({ type: z.literal("take"), callId: id, received: index, resend: z.boolean() }),
  /** Keeps an ephemeral app alive for as long as this link lives. */
  z.object({ type: z.literal("hold"), appId: id }),
  /** Sends log lines of an app from now on. */
  z.object({ type: z.literal("followLogs"), appId: id }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

export const callCountsSchema = z.object({ succeeded: z.number(), failed: z.number(), cancelled: z.number() });
export type CallCounts = z.infer<typeof callCountsSchema>;

/** What the orchestrator sends to a client. */
export const serverFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), orchestratorId: z.string(), timeMs: z.number() }),
  /**
   * The call exists. For a spawned call this comes after the commit. `callId` is the id the client made;
   * `existingCallId` differs from it when the idempotency key already had a call.
   */
  z.object({ type: z.literal("opened"), callId: id, existingCallId: id }),
  /** The call cannot be: nothing of it was stored or will run. */
  z.object({ type: z.literal("refused"), callId: id, error: errorDataSchema }),
  /**
   * A limit holds the map up: the inputs from `fromIndex` on were not taken, or, when it is null, the call was not
   * opened. They may be sent again after `retryAfterMs`.
   */
  z.object({
    type: z.literal("later"),
    callId: id,
    fromIndex: z.nullable(index),
    retryAfterMs: z.number(),
    error: errorDataSchema,
  }),
  /** The inputs are in Postgres: the client may forget them. */
  z.object({ type: z.literal("stored"), callId: id, firstIndex: index, count: z.number() }),
  /** Ends of inputs: index, status, payload (encoded value, or encoded ErrorData), attempts made, container id or null. */
  z.object({
    type: z.literal("outputs"),
    callId: id,
    outputs: deliveredItems,
  }),
  /** Of an async call: that it has `inputCount` inputs is in Postgres. */
  z.object({ type: z.literal("closed"), callId: id, inputCount: index }),
  /** Values that a generator yielded: number `firstSeq`, `firstSeq + 1`, ..., the first being 0. */
  z.object({ type: z.literal("yields"), callId: id, firstSeq: index, values: bytesList }),
  /** Answers `read`: outputs without a gap from `fromIndex` on. `end` is set when the call is over; a page without outputs has it. */
  z.object({
    type: z.literal("page"),
    requestId: index,
    outputs: deliveredItems,
    end: z.nullable(z.object({ state: z.custom<CallState>(), inputCount: z.number(), counts: callCountsSchema })),
  }),
  z.object({ type: z.literal("readFailed"), requestId: index, error: errorDataSchema }),
  z.object({
    type: z.literal("finished"),
    callId: id,
    state: z.custom<CallState>(),
    inputCount: z.number(),
    counts: callCountsSchema,
  }),
  /** Lines of followed logs: function name, time, stream, call, index, container, text. */
  z.object({
    type: z.literal("logs"),
    appId: id,
    lines: z.array(
      z.tuple([z.string(), z.number(), z.enum(LOG_STREAMS), z.nullable(id), z.nullable(index), id, z.string()]),
    ),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
