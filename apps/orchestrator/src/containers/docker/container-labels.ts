/** What a container of ours says of itself. The labels are the truth: a restarted orchestrator finds its own by them. */
import * as z from "zod";
import type { ContainerSpec, ListedContainer } from "../driver.ts";

const PREFIX = "dev.bellows.";
export const INSTANCE_LABEL = `${PREFIX}instance`;
/** On a container that only exists while an image is built: of which process. */
export const BUILDER_LABEL = `${PREFIX}builder`;
const CONTAINER = `${PREFIX}container`;
const FUNCTION = `${PREFIX}function`;
const DEPLOYMENT = `${PREFIX}deployment`;
const GPUS = `${PREFIX}gpus`;

const gpusSchema = z.array(z.object({ id: z.string(), name: z.string() }));

type Labels = Record<string, string>;

export function labelsOf({ containerId, functionId, deploymentId, gpus }: ContainerSpec, instance: string): Labels {
  return {
    [INSTANCE_LABEL]: instance,
    [CONTAINER]: containerId,
    ...(functionId === null ? {} : { [FUNCTION]: functionId }),
    ...(deploymentId === null ? {} : { [DEPLOYMENT]: deploymentId }),
    ...(gpus.length === 0 ? {} : { [GPUS]: JSON.stringify(gpus) }),
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
  return { containerId, functionId, deploymentId, handle, createdAtMs, gpus: gpusOf(labels) };
}

function gpusOf({ [GPUS]: label }: Labels): ListedContainer["gpus"] {
  return label === undefined ? [] : gpusSchema.parse(JSON.parse(label));
}
