/** Binds the verbs of the API to database, engines and catalog. Each is one function elsewhere; nothing is decided here. */
import { users } from "@bellows/db/schema/users";
import type { GpuUsages } from "@bellows/protocol/gpus";
import { NODE_IMAGE } from "@bellows/protocol/image";
import type { SystemView } from "@bellows/protocol/views";
import { eq } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { packagesOfBundle } from "../catalog/bundles.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import { createSignInCode, exchangeSignInCode } from "../catalog/sign-in.ts";
import type { TokenVerifier } from "../catalog/tokens.ts";
import type { Volumes } from "../catalog/volumes.ts";
import type { Engines } from "../engine/engines.ts";
import type { StandbyPool } from "../engine/standby-pool.ts";
import type { ImageBuilds } from "../images/image-builds.ts";
import type { JobResult, PreviewJob } from "../preview/preview-job.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { autoscalerOf, updateAutoscaler } from "./autoscaler-verbs.ts";
import { cancelCalls, retryCalls } from "./bulk-verbs.ts";
import { callResult, createCall, functionStats } from "./call-verbs.ts";
import { previewAutoscaler } from "./preview-verb.ts";
import { appProgress } from "./queries/app-progress.ts";
import { getApp, listApps } from "./queries/apps.ts";
import { callTree } from "./queries/call-tree.ts";
import { findCalls, getCall, listCalls } from "./queries/calls.ts";
import { getContainer, listContainers } from "./queries/containers.ts";
import { listDecisions } from "./queries/decisions.ts";
import { functionLoad } from "./queries/function-load.ts";
import { getFunction, listFunctions } from "./queries/functions.ts";
import { listGpus } from "./queries/gpus.ts";
import { getInput } from "./queries/input-detail.ts";
import { listInputs } from "./queries/inputs.ts";
import { listLogs } from "./queries/logs.ts";
import { environmentWithin, type Reach } from "./reach.ts";
import type { Verbs } from "./verbs.ts";

export interface VerbDeps {
  db: NodePgDatabase;
  engines: Engines;
  directory: FunctionDirectory;
  catalog: Catalog;
  tokens: TokenVerifier;
  volumes: Volumes;
  secrets: Pick<Secrets, "list" | "set" | "remove" | "rotate">;
  standby: Pick<StandbyPool, "list">;
  images: Pick<ImageBuilds, "begin" | "list" | "view" | "log">;
  system: SystemView;
  /** Replays arrivals, away from the event loop. */
  runJob: (job: PreviewJob) => Promise<JobResult>;
  gpuUsages: () => Promise<GpuUsages>;
  /** Why the GPUs of the host could not be listed; null or left out when they could. */
  gpuTrouble?: string | null;
  consoleUrl: string;
  now: () => number;
  retentionMs: number;
}

export function createVerbs(deps: VerbDeps): Verbs {
  const { db, engines, catalog, tokens, images, secrets, volumes, now } = deps;
  /** A call out of reach is as if it were not there. @throws NotFoundError, OutputExpiredError */
  async function findWithin(callId: string, { environment }: Reach): Promise<void> {
    if (environment !== null) await getCall(deps, callId, environment);
  }
  return {
    exchangeCode: (code) => exchangeSignInCode(db, { code, nowMs: now() }),
    async createSignInLink(userId) {
      const { code, expiresAtMs } = await createSignInCode(db, { userId, nowMs: now() });
      return { url: `${deps.consoleUrl}/sign-in?code=${code}`, expiresAtMs };
    },
    signOut: (tokenId) => tokens.revoke(tokenId),
    system: () => deps.system,
    listGpus: () => listGpus(deps),
    environmentOf: (containerId) => engines.environmentOf(containerId),
    codeOf: (containerId) => engines.codeOf(containerId),

    deployApp: (request) => catalog.deploy(request),
    listApps: (filter, page) => listApps(deps, filter, page),
    getApp: (ref) => getApp(deps, ref),
    appProgress: (id) => appProgress(deps, id),
    async stopApp(id) {
      await catalog.stop(id, "stopped by hand");
      return getApp(deps, { id });
    },
    async detachApp(id) {
      await catalog.detach(id);
      return getApp(deps, { id });
    },

    listFunctions: (filter, page) => listFunctions(deps, filter, page),
    getFunction: (ref) => getFunction(deps, ref),
    preview: (request) => previewAutoscaler(deps, request),
    functionLoad: (range) => functionLoad(deps, range),
    async functionStats(ref, reach) {
      environmentWithin(reach, ref.environment);
      return functionStats(deps, ref);
    },
    autoscaler: (ref, reach) => autoscalerOf(deps, ref, reach),
    updateAutoscaler: (ref, changes, reach) => updateAutoscaler(deps, ref, changes, reach),
    listDecisions: (filter, page) => listDecisions(db, filter, page),

    listCalls: async (filter, page, reach) => listCalls(deps, within(filter, reach), page),
    findCalls: async (search, reach) => findCalls(deps, within(search, reach), search.limit),
    getCall: (id, { environment }) => getCall(deps, id, environment),
    callTree: (id, { environment }) => callTree(deps, id, environment),
    async listInputs(filter, page, reach) {
      await findWithin(filter.callId, reach);
      return listInputs(deps, filter, page);
    },
    async getInput(callId, index, reach) {
      await findWithin(callId, reach);
      return getInput(deps, callId, index);
    },
    createCall: (request, reach) => createCall(deps, request, reach),
    async callResult(request, reach) {
      await findWithin(request.callId, reach);
      return callResult(deps, request);
    },
    async cancelCall(id, options, reach) {
      await findWithin(id, reach);
      await engines.cancelCall(id, options);
      return getCall(deps, id);
    },
    async retryCall(id, reach) {
      await findWithin(id, reach);
      return engines.retryCall(id);
    },
    cancelCalls: async (filter, reach, signal) => cancelCalls(deps, within(filter, reach), signal),
    retryCalls: async (filter, reach, signal) => retryCalls(deps, within(filter, reach), signal),

    listContainers: (filter, page) => listContainers(deps, filter, page),
    listStandby: () => deps.standby.list(),
    getContainer: (id) => getContainer(deps, id),
    async stopContainer(id) {
      await engines.stopContainer(id);
      return getContainer(deps, id);
    },

    listLogs: async (filter, reach) => listLogs(db, within(filter, reach)),

    async buildImage({ definition, bundleHash }) {
      return images.begin({ definition: definition ?? NODE_IMAGE, packages: await packagesOfBundle(db, bundleHash) });
    },
    listImages: (page) => images.list(page),
    getImage: (id) => images.view(id),
    imageLog: (id, from) => images.log(id, from),

    listVolumes: (environment) => volumes.list(environment),
    removeVolume: (environment, name) => volumes.remove(environment, name),

    listSecrets: (environment) => secrets.list(environment),
    async setSecret(change, userId) {
      const [user] = await db.select({ name: users.name }).from(users).where(eq(users.id, userId));
      return secrets.set({ ...change, by: user?.name ?? "somebody" });
    },
    removeSecret: (environment, name) => secrets.remove(environment, name),
    rotateSecretKey: () => secrets.rotate(),

    getLimits: (environment) => catalog.limits(environment),
    setLimits: (environment, changes) => catalog.setLimits(environment, changes),
  };
}

/** @throws PermissionDeniedError when the filter names an environment out of reach. */
function within<F extends { environment?: string | undefined }>(filter: F, reach: Reach): F {
  return { ...filter, environment: environmentWithin(reach, filter.environment) };
}
