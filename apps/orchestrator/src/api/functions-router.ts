/** Functions with their settings and live numbers. */
import { poolSchema } from "@bellows/protocol/client-frames";
import { LIMITS } from "@bellows/protocol/limits";
import { z } from "zod";
import { environmentFilter, environmentInput, idInput, pageInput } from "./inputs.ts";
import { readerProcedure, router, userProcedure } from "./trpc.ts";

const name = z.string().min(1);
const functionRef = z.union(
  [z.strictObject({ id: idInput }), z.strictObject({ app: name, name, environment: environmentInput })],
  { error: "name the function: either { id } or { app, name }" },
);
const base64 = z.base64().max(Math.ceil((LIMITS.poolParametersBytes * 4) / 3) + 4);

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

  /** The numbers of a handle: of the function as it is deployed, or of one pool of it. */
  stats: readerProcedure
    .input(
      z.object({
        environment: environmentInput,
        app: name,
        name,
        pool: z.object({ settings: poolSchema.shape.settings, parameters: base64.nullable() }).nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => ctx.verbs.functionStats(input, ctx.reach)),
});
