/**
 * What a caller must be to pass a door; used by the procedures, the bundle routes and the links alike. The code in a
 * container can read its token, so it opens little: its own link, its own code, and what is about calls, logs, numbers and
 * scaling in its own environment.
 */
import { AuthError, ConnectionError, PermissionDeniedError } from "@bellows/protocol/errors";
import { type Principal, ROLE_RIGHTS } from "../catalog/principal.ts";
import type { Caller } from "./context.ts";
import type { CodeOf, EnvironmentOf, Reach } from "./reach.ts";

export type UserPrincipal = Extract<Principal, { kind: "user" }>;

/** @throws AuthError */
function requirePrincipal(caller: Caller): Principal {
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
export function requireAdmin(caller: Caller): UserPrincipal {
  const user = requireUser(caller);
  if (ROLE_RIGHTS[user.role].rank >= ROLE_RIGHTS.admin.rank) return user;
  throw new PermissionDeniedError(`only an admin or an owner may do this, and you are ${user.role}; ask one of them`);
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

/**
 * For the link of clients: users who may call, and containers, whose link keeps them to their environment.
 * @throws AuthError, PermissionDeniedError
 */
export function requireLinkClient(caller: Caller): Principal {
  const principal = requirePrincipal(caller);
  return principal.kind === "container" ? principal : requireChanger(caller);
}

/**
 * Users may read every bundle, a container its own: what it was started with, or is told to run.
 * @throws AuthError, PermissionDeniedError, ConnectionError
 */
export async function requireBundleReader(
  caller: Caller,
  hash: string,
  of: { codeOf: CodeOf; bundleOf: (deploymentId: string) => Promise<string | undefined> },
): Promise<void> {
  const principal = requirePrincipal(caller);
  if (principal.kind === "user") return;
  const { containerId } = principal;
  const code = of.codeOf(containerId);
  if (!code) throw unknownContainer(containerId);
  if (code.bundleHashes.includes(hash) || (await of.bundleOf(code.deploymentId)) === hash) return;
  throw new PermissionDeniedError(`bundle ${hash} is not the code of container ${containerId}; use an API token`);
}

/** For what only shows. @throws AuthError, ConnectionError */
export function requireReader(caller: Caller, environmentOf: EnvironmentOf): Reach {
  return reachOf(requirePrincipal(caller), environmentOf);
}

/** For making, cancelling and retrying calls, and for scaling functions. @throws AuthError, PermissionDeniedError, ConnectionError */
export function requireCaller(caller: Caller, environmentOf: EnvironmentOf): Reach {
  return reachOf(requireLinkClient(caller), environmentOf);
}

function reachOf(principal: Principal, environmentOf: EnvironmentOf): Reach {
  if (principal.kind === "user") return { principal, environment: null };
  const environment = environmentOf(principal.containerId);
  if (environment !== undefined) return { principal, environment };
  throw unknownContainer(principal.containerId);
}

/** After a restart its engine may not have been made yet: it is to ask again, and not to fail what it runs. */
function unknownContainer(containerId: string): ConnectionError {
  return new ConnectionError(
    `container ${containerId} is not known here now, so its token opens nothing; try again in a moment`,
  );
}
