/** What a container of ours says of itself. The labels are the truth: a restarted orchestrator finds its own by them. */
import type { ContainerSpec, ListedContainer } from "../driver.ts";

const PREFIX = "dev.bellows.";
export const INSTANCE_LABEL = `${PREFIX}instance`;
/** On a container that only exists while an image is built: of which process. */
export const BUILDER_LABEL = `${PREFIX}builder`;
const CONTAINER = `${PREFIX}container`;
const FUNCTION = `${PREFIX}function`;
const DEPLOYMENT = `${PREFIX}deployment`;

type Labels = Record<string, string>;

export function labelsOf({ containerId, functionId, deploymentId }: ContainerSpec, instance: string): Labels {
  return {
    [INSTANCE_LABEL]: instance,
    [CONTAINER]: containerId,
    ...(functionId === null ? {} : { [FUNCTION]: functionId }),
    ...(deploymentId === null ? {} : { [DEPLOYMENT]: deploymentId }),
  };
}

export function nameOf(containerId: string): string {
  return `bellows-${containerId}`;
}

export function containerIdOf(labels: Labels | undefined): string | undefined {
  return labels?.[CONTAINER];
}

/** Undefined for one that is not labelled as a container of ours. */
export function listedOf(handle: string, labels: Labels, createdAtMs: number): ListedContainer | undefined {
  const { [CONTAINER]: containerId, [FUNCTION]: functionId = null, [DEPLOYMENT]: deploymentId = null } = labels;
  if (!containerId) return undefined;
  return { containerId, functionId, deploymentId, handle, createdAtMs };
}
