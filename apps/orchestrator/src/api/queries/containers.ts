/**
 * Containers, newest first. The row is the container's life as the journal has it; what it does now (and a state that
 * is not written yet) comes from the memory of its engine.
 */
import { apps } from "@bellows/db/schema/apps";
import { containers } from "@bellows/db/schema/containers";
import { deployments } from "@bellows/db/schema/deployments";
import { functions } from "@bellows/db/schema/functions";
import { inDays } from "@bellows/protocol/duration";
import { NotFoundError } from "@bellows/protocol/errors";
import type { GpuUsages } from "@bellows/protocol/gpus";
import { isGoneContainer } from "@bellows/protocol/states";
import type { ContainerView, Page } from "@bellows/protocol/views";
import { and, desc, eq, inArray, isNull, lt, type SQL } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Engines } from "../../engine/engines.ts";
import { decodeIdCursor, mapPage } from "../pages.ts";
import type { ContainerFilter, PageRequest } from "../verbs.ts";
import { firstOfFunctions, ofApps, withPools } from "./first-of-functions.ts";
import { inEnvironment } from "./in-environment.ts";

interface Deps {
  db: NodePgDatabase;
  engines: Engines;
  gpuUsages: () => Promise<GpuUsages>;
}

export async function listContainers(
  deps: Deps,
  { environment, appId, functionId, state, includeGone }: ContainerFilter,
  { cursor, limit }: PageRequest,
): Promise<Page<ContainerView>> {
  const { db } = deps;
  const before = decodeIdCursor(cursor);
  const condition = and(
    before ? lt(containers.id, before) : undefined,
    state ? eq(containers.state, state) : undefined,
    includeGone || (state && isGoneContainer(state)) ? undefined : isNull(containers.stoppedAtMs),
  );
  const within = await inEnvironment(db, environment);
  const of = and(
    functionId ? withPools(functionId) : undefined,
    appId ? eq(functions.appId, appId) : undefined,
    within ? ofApps(db, within) : undefined,
  );
  const narrowed = of
    ? inArray(
        containers.id,
        await firstOfFunctions(db, containers, { of, condition, limit: limit + 1, order: "newest first" }),
      )
    : condition;
  const rows = await selectContainers(db, and(narrowed, of), limit + 1);
  const usages = await deps.gpuUsages();
  return mapPage(rows, limit, (row) => viewOf(deps, row, usages));
}

/** @throws NotFoundError */
export async function getContainer(
  { retentionMs, ...deps }: Deps & { retentionMs: number },
  id: string,
): Promise<ContainerView> {
  const [row] = await selectContainers(deps.db, eq(containers.id, id), 1);
  if (!row) {
    throw new NotFoundError(
      `there is no container ${id}; containers are kept for ${inDays(retentionMs)} after their end`,
    );
  }
  return viewOf(deps, row, await deps.gpuUsages());
}

type ContainerRow = Awaited<ReturnType<typeof selectContainers>>[number];

function selectContainers(db: NodePgDatabase, condition: SQL | undefined, limit: number) {
  return db
    .select({
      id: containers.id,
      functionId: containers.functionId,
      functionName: functions.name,
      appId: apps.id,
      appName: apps.name,
      deploymentVersion: deployments.version,
      driver: containers.driver,
      state: containers.state,
      slots: containers.slots,
      createdAtMs: containers.createdAtMs,
      readyAtMs: containers.readyAtMs,
      stoppedAtMs: containers.stoppedAtMs,
      timings: containers.timings,
      reason: containers.reason,
      error: containers.error,
    })
    .from(containers)
    .innerJoin(functions, eq(containers.functionId, functions.id))
    .innerJoin(apps, eq(functions.appId, apps.id))
    .innerJoin(deployments, eq(containers.deploymentId, deployments.id))
    .where(condition)
    .orderBy(desc(containers.id))
    .limit(limit);
}

function viewOf({ engines }: Deps, row: ContainerRow, usages: GpuUsages): ContainerView {
  const live = isGoneContainer(row.state)
    ? undefined
    : engines.liveContainers(row.functionId).find(({ containerId }) => containerId === row.id);
  return {
    ...row,
    slots: row.slots ?? 0,
    state: live?.state ?? row.state,
    running: live?.running ?? 0,
    cpuPercent: live?.cpuPercent ?? null,
    memoryBytes: live?.memoryBytes ?? null,
    gpus: (live?.gpus ?? []).map((gpu) => ({ ...gpu, usage: usages.get(gpu.id) ?? null })),
  };
}
