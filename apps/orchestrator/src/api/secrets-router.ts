/** Secrets: what there is, but never what is in them; to set, to remove, to seal under another key. */
import { z } from "zod";
import { environmentInput } from "./inputs.ts";
import { editorProcedure, ownerProcedure, router, userProcedure } from "./trpc.ts";

const name = z.string().min(1).max(64);

export const secretsRouter = router({
  list: userProcedure
    .input(z.object({ environment: environmentInput }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.listSecrets(input.environment)),

  /** The whole set of variables: what is left out is gone. */
  set: editorProcedure
    .input(z.object({ environment: environmentInput, name, variables: z.record(z.string(), z.string()) }))
    .mutation(({ ctx, input }) => ctx.verbs.setSecret(input, ctx.user.userId)),

  remove: editorProcedure
    .input(z.object({ environment: environmentInput, name }))
    .mutation(({ ctx, input }) => ctx.verbs.removeSecret(input.environment, input.name)),

  rotateKey: ownerProcedure.mutation(({ ctx }) => ctx.verbs.rotateSecretKey()),
});
