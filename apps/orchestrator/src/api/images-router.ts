/** Images: build one, follow what a build says, look at those there are. */
import { imageSchema } from "@bellows/protocol/image";
import { z } from "zod";
import { pageInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

const id = z.string().regex(/^[0-9a-f]{24}$/, { error: "is not the id of an image" });

export const imagesRouter = router({
  /** Resolves at once; `log` says how it goes. Building one that is there is over at once. */
  build: editorProcedure
    .input(
      z.object({
        /** Null for the default image. */
        definition: z.union([imageSchema, z.null()]),
        /** The code whose packages belong in it; it has been uploaded. */
        bundleHash: z.string().regex(/^[0-9a-f]{64}$/, { error: "is not a SHA-256 in hex" }),
      }),
    )
    .mutation(({ ctx, input }) => ctx.verbs.buildImage(input)),

  list: userProcedure.input(z.object(pageInput).prefault({})).query(({ ctx, input }) => ctx.verbs.listImages(input)),

  get: userProcedure.input(z.object({ id })).query(({ ctx, input }) => ctx.verbs.getImage(input.id)),

  log: userProcedure
    .input(z.object({ id, from: z.int().min(0).default(0) }))
    .query(({ ctx, input }) => ctx.verbs.imageLog(input.id, input.from)),
});
