/**
 * What a caller must be to pass a door; used by the procedures, the bundle routes and the links alike. A container's
 * token opens its own link and the reading of bundles, and nothing else: the code in it can read the token.
 */
import { AuthError, PermissionDeniedError } from "@bellows/protocol/errors";
import { type Principal, ROLE_RIGHTS } from "../catalog/principal.ts";
import type { Caller } from "./context.ts";

export type UserPrincipal = Extract<Principal, { kind: "user" }>;

/** @throws AuthError */
export function requirePrincipal(caller: Caller): Principal {
  switch (caller.kind) {
    case "user":
    case "container":
      return caller;
    case "anonymous":
      throw new AuthError("no token was sent; set BELLOWS_URL and BELLOWS_TOKEN, or sign in again");
    case "invalidToken":
      throw new AuthError(
        "the token is not valid any more; sign in again, or use the one in .bellows/credentials.json",
      );
  }
}

/** @throws AuthError, PermissionDeniedError */
export function requireUser(caller: Caller): UserPrincipal {
  const principal = requirePrincipal(caller);
  if (principal.kind === "user") return principal;
  throw new PermissionDeniedError("a container's token does not open this; use an API token");
}

/** @throws AuthError, PermissionDeniedError */
export function requireChanger(caller: Caller): UserPrincipal {
  const user = requireUser(caller);
  if (ROLE_RIGHTS[user.role].mayChange) return user;
  throw new PermissionDeniedError(
    `a ${user.role} may look but not change or call anything; ask an owner for the editor role`,
  );
}

/** @throws AuthError, PermissionDeniedError */
export function requireOwner(caller: Caller): UserPrincipal {
  const user = requireUser(caller);
  if (ROLE_RIGHTS[user.role].mayOwn) return user;
  throw new PermissionDeniedError(`only an owner may do this, and you are ${user.role}; ask an owner`);
}

/** @throws AuthError; PermissionDeniedError when the token is another container's, or no container's. */
export function requireContainer(caller: Caller, containerId: string | null): Principal {
  const principal = requirePrincipal(caller);
  if (principal.kind === "container" && principal.containerId === containerId) return principal;
  throw new PermissionDeniedError(`the token is not that of container ${containerId ?? "(none named)"}`);
}
