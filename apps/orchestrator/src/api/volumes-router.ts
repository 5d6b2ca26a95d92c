/** Volumes: which there are by the functions that name them, and deleting one that none names. */
import { z } from "zod";
import { environmentInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

export const volumesRouter = router({
  list: userProcedure
    .input(z.object({ environment: environmentInput }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.listVolumes(input.environment)),

  /** With all that is in it. */
  remove: editorProcedure
    .input(z.object({ environment: environmentInput, name: z.string().regex(/^[A-Za-z_][\w.-]{0,63}$/) }))
    .mutation(({ ctx, input }) => ctx.verbs.removeVolume(input.environment, input.name)),
});
