/** Calls and their inputs; what is done to many at once; and the plain-HTTP way to make a call of one input. */
import { LIMITS } from "@bellows/protocol/limits";
import { CALL_KIND_NAMES, CALL_STATES, INPUT_STATES } from "@bellows/protocol/states";
import { z } from "zod";
import { environmentFilter, idInput, indexInput, pageInput, timeInput } from "./inputs.ts";
import { callerProcedure, readerProcedure, router } from "./trpc.ts";

/** A request waits no longer than proxies let it; ask again to wait on. */
const MAX_WAIT_MS = 60_000;
const MAX_KEY_CHARS = 256;

const callFilter = {
  environment: environmentFilter,
  appId: idInput.optional(),
  functionId: idInput.optional(),
  state: z.enum(CALL_STATES).optional(),
  kind: z.enum(CALL_KIND_NAMES).optional(),
  parentId: idInput.optional(),
  search: z.string().trim().max(200).optional(),
  fromMs: timeInput.optional(),
  toMs: timeInput.optional(),
};
const byId = z.object({ id: idInput });

export const callsRouter = router({
  list: readerProcedure
    .input(z.object({ ...pageInput, ...callFilter }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.listCalls(input, input, ctx.reach)),

  get: readerProcedure.input(byId).query(({ ctx, input }) => ctx.verbs.getCall(input.id, ctx.reach)),

  /** The newest whose id begins or ends like that. */
  find: readerProcedure
    .input(
      z.object({
        environment: environmentFilter,
        idPart: z.string().trim().min(1).max(64),
        limit: z.number().int().min(1).max(LIMITS.pageRows).default(10),
      }),
    )
    .query(({ ctx, input }) => ctx.verbs.findCalls(input, ctx.reach)),

  /** The call among those that called it and those that it called. */
  tree: readerProcedure.input(byId).query(({ ctx, input }) => ctx.verbs.callTree(input.id, ctx.reach)),

  /** By index, from `from` on. */
  inputs: readerProcedure
    .input(
      z.object({
        ...pageInput,
        callId: idInput,
        state: z.enum(INPUT_STATES).optional(),
        from: indexInput.optional(),
      }),
    )
    .query(({ ctx, input }) => ctx.verbs.listInputs(input, input, ctx.reach)),

  input: readerProcedure
    .input(z.object({ callId: idInput, index: indexInput }))
    .query(({ ctx, input }) => ctx.verbs.getInput(input.callId, input.index, ctx.reach)),

  create: callerProcedure
    .input(
      z.object({
        functionId: idInput,
        /** Of a class: which of its methods. */
        method: z.string().min(1).max(256).optional(),
        args: z.array(z.unknown()).default([]),
        kind: z.enum(["remote", "spawn"]).default("remote"),
        /** Within 24 hours the same key gives the same call. */
        idempotencyKey: z.string().min(1).max(MAX_KEY_CHARS).optional(),
      }),
    )
    .mutation(({ ctx, input }) => ctx.verbs.createCall(input, ctx.reach)),

  result: readerProcedure
    .input(
      z.object({
        callId: idInput,
        index: indexInput.default(0),
        timeoutMs: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
      }),
    )
    .query(({ ctx, input }) => ctx.verbs.callResult(input, ctx.reach)),

  cancel: callerProcedure
    .input(z.object({ id: idInput, terminateContainers: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => ctx.verbs.cancelCall(input.id, input, ctx.reach)),

  /** Runs what failed or was cancelled of a finished `spawn` or `spawnMap` again. */
  retry: callerProcedure.input(byId).mutation(({ ctx, input }) => ctx.verbs.retryCall(input.id, ctx.reach)),

  /** Of the calls that fit, those that run. */
  cancelMany: callerProcedure
    .input(z.object(callFilter))
    .mutation(({ ctx, input, signal }) => ctx.verbs.cancelCalls(input, ctx.reach, signal)),

  /** Of the calls that fit, the `spawn` and `spawnMap` ones that failed or were cancelled. */
  retryMany: callerProcedure
    .input(z.object(callFilter))
    .mutation(({ ctx, input, signal }) => ctx.verbs.retryCalls(input, ctx.reach, signal)),
});
