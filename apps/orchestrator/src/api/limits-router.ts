/** The limits of an environment: every user may look, admins and owners may set them. */
import type { EnvironmentLimits } from "@bellows/protocol/limits";
import { z } from "zod";
import { environmentInput } from "./inputs.ts";
import { adminProcedure, router, userProcedure } from "./trpc.ts";

/** A number sets the limit, null gives it back its default, and what is left out stays as it is. */
const change = z.number().nullish();
const changesInput = z.strictObject({
  pendingSyncInputs: change,
  syncInputs: change,
  pendingAsyncInputs: change,
  syncCallsPerSecond: change,
  asyncCallsPerSecond: change,
  containers: change,
} satisfies Record<keyof EnvironmentLimits, z.ZodType>);

export const limitsRouter = router({
  get: userProcedure
    .input(z.object({ environment: environmentInput }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.getLimits(input.environment)),

  set: adminProcedure
    .input(z.object({ environment: environmentInput, limits: changesInput }))
    .mutation(({ ctx, input }) => ctx.verbs.setLimits(input.environment, input.limits)),
});
