/** Functions with their settings and live numbers. */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import { poolSchema } from "@bellows/protocol/client-frames";
import { LIMITS } from "@bellows/protocol/limits";
import { z } from "zod";
import { environmentFilter, environmentInput, idInput, pageInput, timeInput } from "./inputs.ts";
import { callerProcedure, readerProcedure, router, userProcedure } from "./trpc.ts";

const name = z.string().min(1);
const id = z.strictObject({ id: idInput });
const NAME_IT = "name the function: either { id } or { app, name }";
const functionRef = z.union([id, z.strictObject({ app: name, name, environment: environmentInput })], {
  error: NAME_IT,
});
const base64 = z.base64().max(Math.ceil((LIMITS.poolParametersBytes * 4) / 3) + 4);
/** A function as it is deployed, or one pool of it. */
const handleRef = {
  environment: environmentInput,
  app: name,
  name,
  pool: z.object({ settings: poolSchema.shape.settings, parameters: base64.nullable() }).nullable().default(null),
};
/** What they may be is said by their parser, in the words that the SDK uses too. */
const changes = z.custom<AutoscalerChanges>();

export const functionsRouter = router({
  /** Functions as they were deployed; with `baseId` the pools of that one instead. */
  list: userProcedure
    .input(
      z
        .object({
          ...pageInput,
          environment: environmentFilter,
          appId: idInput.optional(),
          baseId: idInput.optional(),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) => ctx.verbs.listFunctions(input, input)),

  get: userProcedure.input(functionRef).query(({ ctx, input }) => ctx.verbs.getFunction(input)),

  /** What it did between two times, no further apart than load is kept, in at most 360 steps or so. */
  load: userProcedure
    .input(z.object({ functionId: idInput, fromMs: timeInput, toMs: timeInput }))
    .query(({ ctx, input }) => ctx.verbs.functionLoad(input)),

  /** What edited settings would have made of what was recorded, or of a pasted trace, beside today's. Changes nothing. */
  preview: userProcedure
    .input(
      z.object({
        functionId: idInput,
        changes: changes.optional(),
        arrivals: z.discriminatedUnion("source", [
          z.object({ source: z.literal("recorded"), fromMs: timeInput, toMs: timeInput }),
          z.object({ source: z.literal("trace"), csv: z.string().max(LIMITS.valueBytes) }),
        ]),
      }),
    )
    .mutation(({ ctx, input }) => ctx.verbs.preview(input)),

  /** The numbers of a handle: of the function as it is deployed, or of one pool of it. */
  stats: readerProcedure
    .input(z.object(handleRef))
    .query(({ ctx, input }) => ctx.verbs.functionStats(input, ctx.reach)),

  /** The settings by which it is scaled: each with where it comes from, who set it and when. */
  autoscaler: readerProcedure
    .input(z.union([id, z.strictObject(handleRef)], { error: NAME_IT }))
    .query(({ ctx, input }) => ctx.verbs.autoscaler(input, ctx.reach)),

  /** Until the next deploy. For users who may change things, and for code, of functions of its own environment. */
  updateAutoscaler: callerProcedure
    .input(
      z.union([id.extend({ changes }), z.strictObject({ ...handleRef, changes })], {
        error: "name the function, either { id } or { app, name }, and write its `changes`",
      }),
    )
    .mutation(({ ctx, input: { changes: asked, ...ref } }) => ctx.verbs.updateAutoscaler(ref, asked, ctx.reach)),

  /** What its autoscaler decided, newest first. */
  decisions: userProcedure
    .input(z.object({ ...pageInput, functionId: idInput, fromMs: timeInput.optional(), toMs: timeInput.optional() }))
    .query(({ ctx, input }) => ctx.verbs.listDecisions(input, input)),
});
