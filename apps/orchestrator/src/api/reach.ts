/**
 * How far a caller reaches. The code in a container can read its token, which is therefore good for its own environment
 * only; whatever is in another is to it as if it were not there.
 */
import { PermissionDeniedError } from "@bellows/protocol/errors";
import type { Principal } from "../catalog/principal.ts";
import type { ContainerCode } from "../engine/engines.ts";

export interface Reach {
  principal: Principal;
  /** All that may be reached; null for a user, who may reach every environment. */
  environment: string | null;
}

/** Tells the environment of a running container; undefined for one that does not run here. */
export type EnvironmentOf = (containerId: string) => string | undefined;

/** What a running container may be running; undefined for one that does not run here. */
export type CodeOf = (containerId: string) => ContainerCode | undefined;

/** The environment that a request is about. @throws PermissionDeniedError when it is out of reach. */
export function environmentWithin({ environment }: Reach, asked: string | undefined): string | undefined {
  if (environment === null || asked === environment) return asked;
  if (asked === undefined) return environment;
  throw new PermissionDeniedError(
    `a container's token is good for its own environment "${environment}" and not for "${asked}"; use an API token`,
  );
}
