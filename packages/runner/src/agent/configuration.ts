/** What the driver tells an agent, by its environment; read once, here. */
import { InvalidError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";

export interface AgentConfiguration {
  /** Where to connect: `ws://host:port/link/agent`. Bundles are fetched from the same host. */
  linkUrl: string;
  containerId: string;
  token: string;
  /** Of bundles and packages; shared by the containers of a host. */
  cacheDir: string;
  /** How long to go on without an orchestrator. */
  orphanMs: number;
  /** Where to leave the exit status for an orchestrator that was not there to see it; null when nobody asked. */
  exitStatusPath: string | null;
}

/** @throws InvalidError naming the variable that is missing or wrong. */
export function readConfiguration(environment: NodeJS.ProcessEnv): AgentConfiguration {
  const required = (name: string) => {
    const value = environment[name];
    if (!value) throw new InvalidError(`${name} is not set; an agent is started by a driver, which sets it`);
    return value;
  };
  const orphanMs = Number(environment.BELLOWS_AGENT_ORPHAN_MS ?? LIMITS.agentOrphanMs);
  if (!Number.isFinite(orphanMs) || orphanMs < 0) {
    throw new InvalidError(
      `BELLOWS_AGENT_ORPHAN_MS is "${environment.BELLOWS_AGENT_ORPHAN_MS}"; it must be a number of milliseconds`,
    );
  }
  return {
    linkUrl: required("BELLOWS_LINK_URL"),
    containerId: required("BELLOWS_CONTAINER_ID"),
    token: required("BELLOWS_CONTAINER_TOKEN"),
    cacheDir: required("BELLOWS_CACHE_DIR"),
    orphanMs,
    exitStatusPath: environment.BELLOWS_EXIT_STATUS_PATH || null,
  };
}
