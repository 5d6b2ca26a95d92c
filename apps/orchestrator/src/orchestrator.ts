/**
 * The composition root: the only file that knows every folder. Starts things in the order in which they need each
 * other and stops them in reverse. Nothing here decides anything.
 */
import { openDatabase } from "@bellows/db/client";
import { migrateDatabase } from "@bellows/db/migrate";
import { ensurePartitions } from "@bellows/db/partitions";
import { gpuCountsText } from "@bellows/protocol/gpus";
import { newId } from "@bellows/protocol/ids";
import { createVerbs } from "./api/create-verbs.ts";
import { createHttpServer } from "./api/http-server.ts";
import { getArchive } from "./catalog/archives.ts";
import { createCatalog } from "./catalog/catalog.ts";
import { createContainerTokens, loadInstanceKey, previousInstanceKeys } from "./catalog/container-tokens.ts";
import { DEFAULT_ENVIRONMENT } from "./catalog/default-environment.ts";
import { ensureDefaults } from "./catalog/ensure-defaults.ts";
import { createFunctionDirectory } from "./catalog/function-directory.ts";
import { functionsToStart } from "./catalog/functions-to-start.ts";
import { createTokenVerifier } from "./catalog/tokens.ts";
import { createVolumes } from "./catalog/volumes.ts";
import type { Config } from "./config.ts";
import { findGpus } from "./containers/gpu-inventory.ts";
import { watchGpuUsage } from "./containers/gpu-usage.ts";
import { selectDriver } from "./containers/select-driver.ts";
import { openVolumeStore } from "./containers/volume-store.ts";
import { RateBuckets } from "./engine/admission.ts";
import { EngineRegistry } from "./engine/engine-registry.ts";
import { StandbyPool } from "./engine/standby-pool.ts";
import { createBuildRows } from "./images/build-rows.ts";
import { ImageBuilds } from "./images/image-builds.ts";
import type { OwnerEpoch } from "./journal/facts.ts";
import { Ownership } from "./journal/ownership.ts";
import { openFactReader } from "./journal/reader.ts";
import { settleContainers } from "./journal/settle-containers.ts";
import { JournalWriter } from "./journal/writer.ts";
import { acceptLinks } from "./link/accept-links.ts";
import { LogHub } from "./link/log-hub.ts";
import { DutyLoop } from "./loops/duty-loop.ts";
import { RETENTION_EVERY_MS, runRetention } from "./loops/retention.ts";
import { previewThreads } from "./preview/preview-thread.ts";
import { openSecrets } from "./secrets/open-secrets.ts";
import type { Logger } from "./telemetry/logger.ts";

export interface Orchestrator {
  /** With `endContainers` nothing is left running; without, containers carry on and are adopted by the next process. */
  stop(options: { endContainers: boolean }): Promise<void>;
}

const VERSION = "0.1.0";

/** @throws ConnectionError, ConflictError, InvalidError: each in a sentence that says what to do. */
export async function startOrchestrator(config: Config, log: Logger): Promise<Orchestrator> {
  const now = Date.now;
  const { databaseUrl: url, stateDir, publicUrl, hostEnvironment, retentionMs } = config;
  const orchestratorId = newId();
  await migrateDatabase(url);
  const { pool, db, close: closeDatabase } = openDatabase(url, { applicationName: "bellows orchestrator" });
  await ensurePartitions(pool, now());
  await ensureDefaults(db, { stateDir, url: publicUrl, nowMs: now() });

  const instanceKey = await loadInstanceKey(stateDir, config.masterKey);
  const { devices: gpus, trouble: gpuTrouble } = await findGpus(config.gpus);
  if (gpuTrouble !== null) log.warn(gpuTrouble);
  if (gpus.length > 0) log.info({ gpus: gpuCountsText(gpus) }, config.gpus ? "GPUs declared" : "GPUs found");
  const { driver, reason, socketPath } = await selectDriver(config.driver, {
    stateDir,
    hostEnvironment,
    dockerRuntime: config.dockerRuntime,
    archive: (hash) => getArchive(db, hash),
    gpus,
  });
  const containerTokens = createContainerTokens(instanceKey);
  const tokens = createTokenVerifier({ db, containerTokens, now });
  const secrets = await openSecrets(db, {
    instanceKey,
    previousKeys: await previousInstanceKeys(stateDir, config),
    forget: config.forgetSecrets,
    now,
    log,
  });
  const directory = createFunctionDirectory(db, { capabilities: driver.capabilities, now });
  const reader = openFactReader(pool, now);
  const journal = new JournalWriter({
    url,
    pool,
    now,
    onStale: takenOver,
    onRejected: (owner, fact, err) => log.error({ ...owner, fact: fact.type, err }, "a fact can never be stored"),
    onTrouble: (err, retryMs) => log.warn({ err, retryMs }, "facts could not be written; trying again"),
  });
  const ownership = new Ownership({
    url,
    pool,
    orchestratorId,
    now,
    onLost: takenOver,
  });
  const logs = new LogHub();
  const images = new ImageBuilds({ driver, rows: createBuildRows(db), now, log });
  const linkUrl = `${publicUrl.replace(/^http/, "ws")}/link/agent`;
  const { containerToken } = containerTokens;
  const standby = new StandbyPool({ driver, images, linkUrl, containerToken, budget: config.standby, now, log });
  const engines = new EngineRegistry({
    journal,
    reader,
    driver,
    directory,
    acquire: (functionId) => ownership.acquire(functionId),
    standby,
    linkUrl,
    containerToken,
    images,
    onBroken: () => links.cutClients(),
    rates: new RateBuckets(),
    publishLogs: (appId, lines) => logs.publish(appId, lines),
    retentionMs,
    now,
    log,
  });
  const catalog = createCatalog({ db, directory, engines, capabilities: driver.capabilities, secrets, now, log });
  const system = {
    version: VERSION,
    environment: DEFAULT_ENVIRONMENT,
    driver: { name: driver.name, reason },
    startedAtMs: now(),
  };
  const links = acceptLinks({
    standby,
    secrets,
    engines,
    reader,
    committed: () => new Promise((resolve) => journal.barrier(resolve)),
    logs,
    holds: catalog.ephemeralApps,
    orchestratorId,
    pendingBytes: () => journal.pendingBytes,
    now,
    log,
  });
  function takenOver({ functionId }: OwnerEpoch): void {
    engines.lost(functionId);
    // They find out where the function is run now, or are told that it is not here.
    links.cutClients();
  }
  const { consoleUrl } = config;
  const verbs = createVerbs({
    runJob: previewThreads(),
    db,
    engines,
    directory,
    catalog,
    tokens,
    images,
    secrets,
    standby,
    system,
    gpuUsages: watchGpuUsage(gpus, { now }),
    gpuTrouble,
    volumes: createVolumes(db, openVolumeStore(stateDir, { now })),
    consoleUrl,
    now,
    retentionMs,
  });
  let ready = false;
  const { host, port } = config;
  const { client: clientLink, agent: agentLink } = links;
  const isReady = (): boolean => ready;
  const http = createHttpServer({
    host,
    port,
    socketPath,
    db,
    tokens,
    verbs,
    isReady,
    clientLink,
    agentLink,
    now,
    log,
  });
  const retention = new DutyLoop({
    name: "retention",
    everyMs: RETENTION_EVERY_MS,
    run: () => runRetention({ pool, prune: catalog.prune, retentionMs, nowMs: now() }),
    log,
  });

  await ownership.start();
  journal.start();
  await images.start();
  await http.start();
  const listed = await driver.list();
  const found = listed.map(({ containerId }) => containerId);
  await settleContainers(pool, { found, driver: driver.name, nowMs: now() });
  await engines.start(await functionsToStart(db), listed);
  standby.start();
  await catalog.ephemeralApps.start();
  retention.start();
  ready = true;

  return {
    async stop({ endContainers }) {
      ready = false;
      await retention.stop();
      await catalog.ephemeralApps.stop();
      await standby.stop();
      await engines.stop({ endContainers });
      await http.stop();
      links.close();
      await journal.stop();
      await ownership.stop();
      await driver.close();
      await closeDatabase();
    },
  };
}
