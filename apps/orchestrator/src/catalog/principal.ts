/** Someone with a valid token: a user (API token or console session), or a container with its own token. */
import type { UserView } from "@bellows/protocol/views";

export type Role = UserView["role"];

export type Principal =
  | {
      kind: "user";
      userId: string;
      name: string;
      role: Role;
      tokenId: string;
      /** Rates apply to what it calls; not to the local owner's token. */
      rateLimited: boolean;
    }
  | { kind: "container"; containerId: string };

/** What each role may do; the one table that permission checks derive from. */
export const ROLE_RIGHTS = {
  owner: { rank: 3, mayChange: true, mayOwn: true },
  admin: { rank: 2, mayChange: true, mayOwn: false },
  editor: { rank: 1, mayChange: true, mayOwn: false },
  viewer: { rank: 0, mayChange: false, mayOwn: false },
} as const satisfies Record<Role, { rank: number; mayChange: boolean; mayOwn: boolean }>;

/** A token is worth no more than its user is by now. */
export function lowerRole(a: Role, b: Role): Role {
  return ROLE_RIGHTS[a].rank <= ROLE_RIGHTS[b].rank ? a : b;
}
