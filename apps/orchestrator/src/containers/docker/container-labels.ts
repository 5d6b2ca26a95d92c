/**
 * What a container of ours says of itself. The labels are the truth: a restarted orchestrator finds its own by them. A
 * container inherits the labels of its image, and an image those of the container that it was made in and of a user's
 * Dockerfile. So every label of ours is set on every container, empty where there is nothing to say, and an empty one
 * counts as none.
 */
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

const NOTHING = {
  [INSTANCE_LABEL]: "",
  [BUILDER_LABEL]: "",
  [CONTAINER]: "",
  [FUNCTION]: "",
  [DEPLOYMENT]: "",
  [GPUS]: "",
};

const gpusSchema = z.array(z.object({ id: z.string(), name: z.string() }));

type Labels = Record<string, string>;

export function labelsOf({ containerId, functionId, deploymentId, gpus }: ContainerSpec, instance: string): Labels {
  return {
    ...NOTHING,
    [INSTANCE_LABEL]: instance,
    [CONTAINER]: containerId,
    [FUNCTION]: functionId ?? "",
    [DEPLOYMENT]: deploymentId ?? "",
    [GPUS]: gpus.length === 0 ? "" : JSON.stringify(gpus),
  };
}

/** Of a container that an image is made in. */
export function buildLabels({ instance, builder }: { instance: string; builder: string }): Labels {
  return { ...NOTHING, [INSTANCE_LABEL]: instance, [BUILDER_LABEL]: builder };
}

/** As a change to an image that is made of such a container: whatever is made of it is nothing of ours by itself. */
export const WITHOUT_LABELS = `LABEL ${Object.keys(NOTHING)
  .map((name) => `${name}=""`)
  .join(" ")}`;

export function nameOf(containerId: string): string {
  return `bellows-${containerId}`;
}

export function containerIdOf(labels: Labels | undefined): string | undefined {
  return labels?.[CONTAINER] || undefined;
}

/** The process that builds an image in it; undefined when that is not what it is for. */
export function builderOf(labels: Labels): string | undefined {
  return labels[BUILDER_LABEL] || undefined;
}

/** Undefined for one that is not labelled as a container of ours. */
export function listedOf(handle: string, labels: Labels, createdAtMs: number): ListedContainer | undefined {
  const containerId = containerIdOf(labels);
  if (containerId === undefined) return undefined;
  return {
    containerId,
    functionId: labels[FUNCTION] || null,
    deploymentId: labels[DEPLOYMENT] || null,
    handle,
    createdAtMs,
    gpus: gpusOf(labels),
  };
}

function gpusOf({ [GPUS]: label }: Labels): ListedContainer["gpus"] {
  return label ? gpusSchema.parse(JSON.parse(label)) : [];
}
