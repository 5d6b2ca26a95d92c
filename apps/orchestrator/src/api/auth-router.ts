/** Signing in and out: a one-time code becomes a session token. */
import type { UserView } from "@bellows/protocol/views";
import { z } from "zod";
import { ownerProcedure, publicProcedure, router, userProcedure } from "./trpc.ts";

export const authRouter = router({
  exchangeCode: publicProcedure
    .input(z.object({ code: z.string().min(1).max(256) }))
    .mutation(({ ctx, input }) => ctx.verbs.exchangeCode(input.code)),

  me: userProcedure.query(({ ctx }): UserView => ({ id: ctx.user.userId, name: ctx.user.name, role: ctx.user.role })),

  createSignInLink: ownerProcedure.mutation(({ ctx }) => ctx.verbs.createSignInLink(ctx.user.userId)),

  signOut: userProcedure.mutation(({ ctx }) => ctx.verbs.signOut(ctx.user.tokenId)),
});
