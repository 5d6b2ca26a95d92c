/** Calls and their inputs; and the plain-HTTP way to make a call of one input. */
import { CALL_KINDS, CALL_STATES, type CallKind, INPUT_STATES } from "@bellows/protocol/states";
import { z } from "zod";
import { environmentFilter, idInput, indexInput, pageInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

const callKinds = Object.keys(CALL_KINDS).filter((kind): kind is CallKind => kind in CALL_KINDS);
/** A request waits no longer than proxies let it; ask again to wait on. */
const MAX_WAIT_MS = 60_000;

export const callsRouter = router({
  list: userProcedure
    .input(
      z
        .object({
          ...pageInput,
          environment: environmentFilter,
          appId: idInput.optional(),
          functionId: idInput.optional(),
          state: z.enum(CALL_STATES).optional(),
          kind: z.enum(callKinds).optional(),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) => ctx.verbs.listCalls(input, input)),

  get: userProcedure.input(z.object({ id: idInput })).query(({ ctx, input }) => ctx.verbs.getCall(input.id)),

  inputs: userProcedure
    .input(z.object({ ...pageInput, callId: idInput, state: z.enum(INPUT_STATES).optional() }))
    .query(({ ctx, input }) => ctx.verbs.listInputs(input, input)),

  input: userProcedure
    .input(z.object({ callId: idInput, index: indexInput }))
    .query(({ ctx, input }) => ctx.verbs.getInput(input.callId, input.index)),

  create: editorProcedure
    .input(
      z.object({
        functionId: idInput,
        args: z.array(z.unknown()).default([]),
        kind: z.enum(["remote", "spawn"]).default("remote"),
      }),
    )
    .mutation(({ ctx, input }) => ctx.verbs.createCall(input)),

  result: userProcedure
    .input(
      z.object({
        callId: idInput,
        index: indexInput.default(0),
        timeoutMs: z.number().int().min(0).max(MAX_WAIT_MS).default(0),
      }),
    )
    .query(({ ctx, input }) => ctx.verbs.callResult(input)),

  cancel: editorProcedure
    .input(z.object({ id: idInput, terminateContainers: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => ctx.verbs.cancelCall(input.id, input)),
});
