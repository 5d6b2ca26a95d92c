/** Containers: which there are and were, and stopping one. */
import { CONTAINER_STATES } from "@bellows/protocol/states";
import { z } from "zod";
import { environmentFilter, idInput, pageInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

export const containersRouter = router({
  list: userProcedure
    .input(
      z
        .object({
          ...pageInput,
          environment: environmentFilter,
          appId: idInput.optional(),
          functionId: idInput.optional(),
          state: z.enum(CONTAINER_STATES).optional(),
          includeGone: z.boolean().default(false),
        })
        .prefault({}),
    )
    .query(({ ctx, input }) => ctx.verbs.listContainers(input, input)),

  get: userProcedure.input(z.object({ id: idInput })).query(({ ctx, input }) => ctx.verbs.getContainer(input.id)),

  /** Those that are kept ready for the next function that starts. */
  standby: userProcedure.query(({ ctx }) => ctx.verbs.listStandby()),

  stop: editorProcedure
    .input(z.object({ id: idInput }))
    .mutation(({ ctx, input }) => ctx.verbs.stopContainer(input.id)),
});
