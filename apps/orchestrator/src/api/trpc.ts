/**
 * The kinds of procedures: open to anyone, to every user, to users who may change things, to admins, to owners; and, for
 * what is about calls, to containers within their own environment too. Errors of all of them pass through `errors.ts`.
 */
import { initTRPC } from "@trpc/server";
import type { ApiContext } from "./context.ts";
import { bellowsDataOf, presentable, trpcError } from "./errors.ts";
import {
  requireAdmin,
  requireCaller,
  requireChanger,
  requireOwner,
  requireReader,
  requireUser,
} from "./permissions.ts";

const t = initTRPC.context<ApiContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const bellows = bellowsDataOf(error);
    return { ...shape, message: bellows.message, data: { ...shape.data, bellows } };
  },
});

export const router = t.router;

export const publicProcedure = t.procedure.use(async ({ ctx, next }) => {
  const result = await next();
  if (!result.ok) throw trpcError(presentable(result.error, ctx.logger));
  return result;
});

export const userProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: { user: requireUser(ctx.caller) } }));

export const editorProcedure = publicProcedure.use(({ ctx, next }) =>
  next({ ctx: { user: requireChanger(ctx.caller) } }),
);

export const ownerProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: { user: requireOwner(ctx.caller) } }));

export const adminProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: { user: requireAdmin(ctx.caller) } }));

/** For looking: users, and containers within their environment. Every verb behind it is given the reach. */
export const readerProcedure = publicProcedure.use(({ ctx, next }) =>
  next({ ctx: { reach: requireReader(ctx.caller, ctx.verbs.environmentOf) } }),
);

/** For calling and scaling: users who may change things, and containers within their environment. */
export const callerProcedure = publicProcedure.use(({ ctx, next }) =>
  next({ ctx: { reach: requireCaller(ctx.caller, ctx.verbs.environmentOf) } }),
);
