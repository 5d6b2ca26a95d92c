/** Volumes: which there are, and deleting one that nobody uses. */
import { VOLUME_NAME } from "@bellows/protocol/volumes";
import { z } from "zod";
import { environmentInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

export const volumesRouter = router({
  list: userProcedure
    .input(z.object({ environment: environmentInput }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.listVolumes(input.environment)),

  /** With all that is in it. */
  remove: editorProcedure
    .input(
      z.object({ environment: environmentInput, name: z.string().regex(VOLUME_NAME, "is not the name of a volume") }),
    )
    .mutation(({ ctx, input }) => ctx.verbs.removeVolume(input.environment, input.name)),
});
