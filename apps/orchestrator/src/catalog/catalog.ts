/**
 * The catalog's changes as the rest of the orchestrator makes them: first the rows, then the directory forgets, then
 * the engines hear of it. Killed in between, the next start reads the rows, and they are whole.
 */
import { NotFoundError } from "@bellows/protocol/errors";
import type { AutoscalerView, DeploymentView, LimitsView } from "@bellows/protocol/views";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { DriverCapabilities } from "../containers/driver.ts";
import type { Engines } from "../engine/engines.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Logger } from "../telemetry/logger.ts";
import { deployApp } from "./deploy-app.ts";
import type { DeployRequest } from "./deploy-request.ts";
import { detachApp } from "./detach-app.ts";
import { environmentLimits, type LimitChanges, setEnvironmentLimits } from "./environment-limits.ts";
import { EphemeralApps } from "./ephemeral-apps.ts";
import type { FunctionDirectory } from "./function-directory.ts";
import { hasUnfinishedCalls, listEphemeralApps } from "./list-ephemeral-apps.ts";
import { type Pruned, pruneCatalog } from "./prune.ts";
import { stopApp } from "./stop-app.ts";
import { type AutoscalerUpdate, updateAutoscaler } from "./update-autoscaler.ts";

export interface CatalogDeps {
  db: NodePgDatabase;
  directory: FunctionDirectory;
  engines: Pick<Engines, "deployed" | "stopped" | "giveUp" | "limitsChanged">;
  capabilities: DriverCapabilities;
  secrets: Pick<Secrets, "assertThere">;
  now: () => number;
  log: Logger;
}

export interface Catalog {
  /** Its `start` and `stop` are the composition root's to call; its `hold` and `release` the client links'. */
  ephemeralApps: EphemeralApps;
  deploy(request: DeployRequest): Promise<DeploymentView>;
  stop(appId: string, reason: string): Promise<void>;
  detach(appId: string): Promise<void>;
  /** It holds at once, until the next deploy. @throws NotFoundError, ConflictError, InvalidError; then nothing has changed. */
  updateAutoscaler(update: AutoscalerUpdate): Promise<AutoscalerView>;
  /** Drops what nothing needs any more that was there before `olderThanMs`. */
  prune(olderThanMs: number): Promise<Pruned>;
  /** @throws NotFoundError */
  limits(environment: string): Promise<LimitsView>;
  /** They hold at once, for what comes from now on. @throws NotFoundError, InvalidError naming limit, value and bound. */
  setLimits(environment: string, changes: LimitChanges): Promise<LimitsView>;
}

export function createCatalog({ db, directory, engines, capabilities, secrets, now, log }: CatalogDeps): Catalog {
  const ephemeralApps = new EphemeralApps({
    list: () => listEphemeralApps(db),
    hasUnfinishedCalls: (appId) => hasUnfinishedCalls(db, appId),
    stopApp: stop,
    now,
    log,
  });

  async function deploy(request: DeployRequest): Promise<DeploymentView> {
    const { view, removedFunctionIds, poolIds } = await deployApp(db, request, { capabilities, secrets, nowMs: now() });
    directory.invalidate();
    if (request.ephemeral) ephemeralApps.track(view.appId);
    log.info({ app: view.appName, version: view.version, functions: view.functions.length }, "deployed");
    if (removedFunctionIds.length > 0) {
      await engines.stopped(removedFunctionIds);
    }
    await engines.deployed([...view.functions.map(({ id }) => id), ...poolIds]);
    return view;
  }

  async function stop(appId: string, reason: string): Promise<void> {
    const { name, functionIds, changed } = await stopApp(db, { appId, nowMs: now() });
    directory.invalidate();
    ephemeralApps.forget(appId);
    if (!changed) return;
    log.info({ app: name, reason }, "app stopped");
    await engines.stopped(functionIds);
  }

  async function detach(appId: string): Promise<void> {
    await detachApp(db, { appId, nowMs: now() });
    ephemeralApps.detach(appId);
  }

  async function changeAutoscaler(update: AutoscalerUpdate): Promise<AutoscalerView> {
    const { functionId, changes, setBy } = update;
    await updateAutoscaler(db, update, now());
    directory.invalidate();
    log.info({ functionId, changes, setBy }, "autoscaler updated");
    await engines.deployed([functionId]);
    const record = await directory.byId(functionId);
    if (!record) throw new NotFoundError(`function ${functionId} was removed while it was changed`);
    return { functionId, settings: record.autoscaler };
  }

  async function prune(olderThanMs: number): Promise<Pruned> {
    const pruned = await pruneCatalog(db, { olderThanMs, nowMs: now(), giveUp });
    directory.invalidate();
    return pruned;
  }

  /** The directory forgets before the engines go on: a call that has waited is not told of a pool that is archived by now. */
  function giveUp(poolIds: readonly string[], archive: (idle: readonly string[]) => Promise<number>): Promise<number> {
    return engines.giveUp(poolIds, (idle) => archive(idle).finally(() => directory.invalidate()));
  }

  async function setLimits(environment: string, changes: LimitChanges): Promise<LimitsView> {
    const view = await setEnvironmentLimits(db, environment, changes);
    directory.invalidate();
    log.info({ environment, changes }, "limits set");
    engines.limitsChanged(environment, view.limits);
    return view;
  }

  return {
    ephemeralApps,
    deploy,
    stop,
    detach,
    updateAutoscaler: changeAutoscaler,
    prune,
    limits: (environment) => environmentLimits(db, environment),
    setLimits,
  };
}
