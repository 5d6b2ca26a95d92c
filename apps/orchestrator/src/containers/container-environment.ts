/**
 * The environment of a container that is a process of this host: what a program needs to find its way, and what the
 * driver has to tell the agent. Nothing of the orchestrator's own variables, which hold its secrets.
 */
import { homedir, tmpdir, userInfo } from "node:os";
import { delimiter, dirname } from "node:path";
import { npmPackagesOf, variablesOf } from "@bellows/protocol/image";
import type { ContainerSpec } from "./driver.ts";
import { volumeVariables } from "./volumes.ts";

/** Passed on from the host when they are set there: where things are, how to speak, how to reach registries. */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|https?_proxy|no_proxy|npm_config_\w+)$/i;

export function containerEnvironment(
  spec: ContainerSpec,
  host: {
    nodePath: string;
    cacheDir: string;
    ownSdkFolder: string;
    exitStatusPath: string;
    /** By name, where each is on this host. */
    volumes?: Readonly<Record<string, string>>;
    environment: Record<string, string | undefined>;
  },
): Record<string, string> {
  const passedOn = Object.entries(host.environment).flatMap(([name, value]): [string, string][] =>
    value !== undefined && PASSED_ON.test(name) ? [[name, value]] : [],
  );
  const { definition } = spec.image;
  const packages = npmPackagesOf(definition);
  const { NODE_EXTRA_CA_CERTS, ...variables } = { ...Object.fromEntries(passedOn), ...variablesOf(definition) };
  return {
    PATH: [dirname(host.nodePath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter),
    HOME: homedir(),
    USER: userInfo().username,
    TMPDIR: tmpdir(),
    LANG: "C.UTF-8",
    ...variables,
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { [certificatesName(spec)]: NODE_EXTRA_CA_CERTS }),
    BELLOWS_LINK_URL: spec.linkUrl,
    BELLOWS_CONTAINER_ID: spec.containerId,
    BELLOWS_CONTAINER_TOKEN: spec.token,
    BELLOWS_CACHE_DIR: host.cacheDir,
    BELLOWS_OWN_SDK_DIR: host.ownSdkFolder,
    ...(Object.keys(packages).length === 0 ? {} : { BELLOWS_IMAGE_PACKAGES: JSON.stringify(packages) }),
    ...volumeVariables(host.volumes ?? {}),
    BELLOWS_EXIT_STATUS_PATH: host.exitStatusPath,
    // Empty, a program sees none: what a container was not given is somebody else's.
    CUDA_VISIBLE_DEVICES: spec.gpus.map(({ id }) => id).join(),
    ...(spec.memoryMiB === null ? {} : { BELLOWS_MEMORY_MIB: String(spec.memoryMiB) }),
  };
}

/** Node reads them before its first line, for 25 ms: an agent whose link needs none passes them on to what it starts. */
function certificatesName({ linkUrl }: ContainerSpec): string {
  return linkUrl.startsWith("wss:") ? "NODE_EXTRA_CA_CERTS" : "BELLOWS_EXTRA_CA_CERTS";
}
