/** What the driver tells an agent, by its environment; read once, here. */
import { InvalidError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import * as z from "zod/mini";
import { ownSdkDir } from "./own-sdk.ts";

export interface AgentConfiguration {
  /** Where to connect: `ws://host:port/link/agent`, or `ws+unix:/path/of/socket:/link/agent`. */
  linkUrl: string;
  /** Of a `ws+unix:` URL. Null for the others: bundles are fetched from their host, too. */
  socketPath: string | null;
  containerId: string;
  token: string;
  /** Of bundles and packages; shared by the containers of a host. */
  cacheDir: string;
  /** A folder of this container's image that holds the packages of its code; null where the agent installs them. */
  packagesDir: string | null;
  /** The SDK that came with this agent (`own-sdk.ts`); null where none did. */
  ownSdkDir: string | null;
  /** npm packages of the image, which the agent installs where no folder holds them: name to version. */
  imagePackages: Record<string, string>;
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
  const linkUrl = required("BELLOWS_LINK_URL");
  return {
    linkUrl,
    socketPath: /^ws\+unix:([^:]+):/.exec(linkUrl)?.[1] ?? null,
    containerId: required("BELLOWS_CONTAINER_ID"),
    token: required("BELLOWS_CONTAINER_TOKEN"),
    cacheDir: required("BELLOWS_CACHE_DIR"),
    packagesDir: environment.BELLOWS_PACKAGES_DIR || null,
    ownSdkDir: ownSdkDir(environment.BELLOWS_OWN_SDK_DIR),
    imagePackages: packagesIn(environment.BELLOWS_IMAGE_PACKAGES),
    orphanMs,
    exitStatusPath: environment.BELLOWS_EXIT_STATUS_PATH || null,
  };
}

/** @throws InvalidError */
function packagesIn(text: string | undefined): Record<string, string> {
  if (!text) return {};
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch (cause) {
    throw new InvalidError(`BELLOWS_IMAGE_PACKAGES is ${text}; it must be a JSON object of names and versions`, {
      cause,
    });
  }
}
