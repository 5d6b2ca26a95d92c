/**
 * Finds the containers of an instance on the engine: those that run, and those that are left over, which it removes. Left
 * over is what has ended and nobody looks after any more, and what a process that was killed has built images in.
 */
import type Docker from "dockerode";
import type { ListedContainer } from "../driver.ts";
import { BUILDER_LABEL, builderOf, INSTANCE_LABEL, listedOf } from "./container-labels.ts";
import { asked } from "./engine.ts";

export interface FoundContainers {
  /** Those that run. @throws StartupError */
  running(): Promise<ListedContainer[]>;
  /** Those that have ended, or were never started. @throws StartupError when they cannot be listed. */
  removeEnded(): Promise<void>;
  /** Of builds that another process has left; those of this one go by themselves. @throws StartupError when they cannot be listed. */
  removeBuilds(): Promise<void>;
}

/** `isKnown` says of a container that somebody looks after it. */
export function findContainers(
  docker: Docker,
  { instance, builder }: { instance: string; builder: string },
  isKnown: (containerId: string) => boolean,
): FoundContainers {
  const own = `${INSTANCE_LABEL}=${instance}`;

  async function matching(all: boolean, filters: { label?: string[]; status?: string[] }) {
    return await asked("the containers cannot be listed", () =>
      docker.listContainers({ all, filters: { label: [own], ...filters } }),
    );
  }

  async function remove(id: string): Promise<void> {
    await docker
      .getContainer(id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }

  return {
    async running() {
      const found = await matching(false, { status: ["running", "paused", "restarting"] });
      return found.flatMap(({ Id, Labels, Created }) => listedOf(Id, Labels, Created * 1_000) ?? []);
    },
    async removeEnded() {
      for (const { Id, Labels, Created } of await matching(true, { status: ["created", "exited", "dead"] })) {
        const containerId = listedOf(Id, Labels, Created)?.containerId;
        if (builderOf(Labels) !== undefined || (containerId && isKnown(containerId))) continue;
        await remove(Id);
      }
    },
    async removeBuilds() {
      for (const { Id, Labels } of await matching(true, { label: [own, BUILDER_LABEL] })) {
        const its = builderOf(Labels);
        if (its !== undefined && its !== builder) await remove(Id);
      }
    },
  };
}
