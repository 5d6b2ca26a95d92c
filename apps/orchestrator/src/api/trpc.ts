/**
 * The kinds of procedures: open to anyone, to every user, to users who may change things, to owners. A container's
 * token opens none of them. Errors of all of them pass through `errors.ts`.
 */
import { AuthError, PermissionDeniedError } from "@bellows/protocol/errors";
import { initTRPC } from "@trpc/server";
import { type Principal, ROLE_RIGHTS } from "../catalog/principal.ts";
import type { ApiContext, Caller } from "./context.ts";
import { bellowsDataOf, presentable, trpcError } from "./errors.ts";

const t = initTRPC.context<ApiContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const bellows = bellowsDataOf(error);
    return { ...shape, message: bellows.message, data: { ...shape.data, bellows } };
  },
});

export type UserPrincipal = Extract<Principal, { kind: "user" }>;

/** @throws AuthError, PermissionDeniedError */
export function requireUser(caller: Caller): UserPrincipal {
  switch (caller.kind) {
    case "user":
      return caller;
    case "anonymous":
      throw new AuthError("no token was sent; set BELLOWS_URL and BELLOWS_TOKEN, or sign in again");
    case "invalidToken":
      throw new AuthError(
        "the token is not valid any more; sign in again, or use the one in .bellows/credentials.json",
      );
    case "container":
      throw new PermissionDeniedError("a container's token does not open the API; use an API token");
  }
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

export const publicProcedure = t.procedure.use(async ({ ctx, next }) => {
  const result = await next();
  if (!result.ok) throw trpcError(presentable(result.error, ctx.logger));
  return result;
});

export const userProcedure = publicProcedure.use(({ ctx, next }) => next({ ctx: { user: requireUser(ctx.caller) } }));

export const editorProcedure = userProcedure.use(({ ctx, next }) => {
  if (!ROLE_RIGHTS[ctx.user.role].mayChange) {
    throw new PermissionDeniedError(
      `a ${ctx.user.role} may look but not change anything; ask an owner for the editor role`,
    );
  }
  return next();
});

export const ownerProcedure = userProcedure.use(({ ctx, next }) => {
  if (!ROLE_RIGHTS[ctx.user.role].mayOwn) {
    throw new PermissionDeniedError(`only an owner may do this, and you are ${ctx.user.role}; ask an owner`);
  }
  return next();
});
