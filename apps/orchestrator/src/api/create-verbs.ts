/** Binds the verbs of the API to database, engines and catalog. Each is one function elsewhere; nothing is decided here. */
import type { SystemView } from "@bellows/protocol/views";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Catalog } from "../catalog/catalog.ts";
import type { FunctionDirectory } from "../catalog/function-directory.ts";
import { createSignInCode, exchangeSignInCode } from "../catalog/sign-in.ts";
import type { TokenVerifier } from "../catalog/tokens.ts";
import type { Engines } from "../engine/engines.ts";
import { callResult, createCall } from "./call-verbs.ts";
import { getApp, listApps } from "./queries/apps.ts";
import { getCall, listCalls } from "./queries/calls.ts";
import { getContainer, listContainers } from "./queries/containers.ts";
import { getFunction, listFunctions } from "./queries/functions.ts";
import { getInput } from "./queries/input-detail.ts";
import { listInputs } from "./queries/inputs.ts";
import { listLogs } from "./queries/logs.ts";
import type { Verbs } from "./verbs.ts";

export interface VerbDeps {
  db: NodePgDatabase;
  engines: Engines;
  directory: FunctionDirectory;
  catalog: Catalog;
  tokens: TokenVerifier;
  system: SystemView;
  consoleUrl: string;
  now: () => number;
}

export function createVerbs(deps: VerbDeps): Verbs {
  const { db, engines, catalog, tokens, now } = deps;
  return {
    exchangeCode: (code) => exchangeSignInCode(db, { code, nowMs: now() }),
    async createSignInLink(userId) {
      const { code, expiresAtMs } = await createSignInCode(db, { userId, nowMs: now() });
      return { url: `${deps.consoleUrl}/sign-in?code=${code}`, expiresAtMs };
    },
    signOut: (tokenId) => tokens.revoke(tokenId),
    system: () => deps.system,

    deployApp: (request) => catalog.deploy(request),
    listApps: (filter, page) => listApps(deps, filter, page),
    getApp: (ref) => getApp(deps, ref),
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

    listCalls: (filter, page) => listCalls(deps, filter, page),
    getCall: (id) => getCall(deps, id),
    listInputs: (filter, page) => listInputs(deps, filter, page),
    getInput: (callId, index) => getInput(deps, callId, index),
    createCall: (request) => createCall(deps, request),
    callResult: (request) => callResult(deps, request),
    async cancelCall(id, options) {
      await engines.cancelCall(id, options);
      return getCall(deps, id);
    },

    listContainers: (filter, page) => listContainers(deps, filter, page),
    getContainer: (id) => getContainer(deps, id),
    async stopContainer(id) {
      await engines.stopContainer(id);
      return getContainer(deps, id);
    },

    listLogs: (filter) => listLogs(db, filter),
  };
}
