/**
 * The link between a client (SDK, CLI) and the orchestrator. One WebSocket at `/link/client`, `Authorization: Bearer`
 * with an API token. Every message is a list of these frames. A client may send anything again after a reconnect:
 * calls are known by the id the client made, inputs by their index.
 */
import * as z from "zod/mini";
import { errorDataSchema } from "./errors.ts";
import { bytesList, deliveredItems, id, index, LOG_STREAMS } from "./frame-parts.ts";
import { LIMITS } from "./limits.ts";
import type { CallKind, CallState } from "./states.ts";
import { CALL_KINDS } from "./states.ts";

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
    kind: z.enum(Object.keys(CALL_KINDS) as [CallKind, ...CallKind[]]),
    idempotencyKey: z.nullable(z.string().check(z.maxLength(256))),
    resume: z.boolean(),
  }),
  /** Inputs `firstIndex`, `firstIndex + 1`, ...; each value is the encoded array of arguments. Sent again until `stored`. */
  z.object({
    type: z.literal("inputs"),
    callId: id,
    firstIndex: index,
    values: bytesList.check(z.minLength(1), z.maxLength(LIMITS.inputsPerChunk)),
  }),
  /** No more inputs will come; there were `inputCount`. */
  z.object({ type: z.literal("close"), callId: id, inputCount: index }),
  z.object({ type: z.literal("cancel"), callId: id, terminateContainers: z.boolean() }),
  /** Sends the outputs from `fromIndex` on, stored ones first, then each as it comes, then `finished`. */
  z.object({ type: z.literal("watch"), callId: id, fromIndex: index }),
  z.object({ type: z.literal("unwatch"), callId: id }),
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
  /** The inputs are in Postgres: the client may forget them. */
  z.object({ type: z.literal("stored"), callId: id, firstIndex: index, count: z.number() }),
  /** Ends of inputs: index, status, payload (encoded value, or encoded ErrorData), attempts made, container id or null. */
  z.object({
    type: z.literal("outputs"),
    callId: id,
    outputs: deliveredItems,
  }),
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
