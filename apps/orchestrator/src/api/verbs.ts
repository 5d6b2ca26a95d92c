/**
 * The API as a list of verbs: what the routers call after they have validated, and nothing else. `create-verbs.ts`
 * binds them to database, engines and catalog; clients that import the router's type see only this.
 */
import type { AutoscalerChanges } from "@bellows/protocol/autoscaler-settings";
import type {
  BulkResult,
  CallFilter,
  CallTree,
  CallView,
  InputDetailView,
  InputView,
  ValuePreview,
} from "@bellows/protocol/call-views";
import type { Pool } from "@bellows/protocol/client-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import type { ImageDefinition } from "@bellows/protocol/image";
import type { LoadView, PreviewView } from "@bellows/protocol/load-views";
import type { ContainerState, InputState } from "@bellows/protocol/states";
import type {
  AppProgressView,
  AppView,
  AutoscalerView,
  ContainerView,
  DecisionView,
  DeploymentView,
  FunctionView,
  GpusView,
  HandleStats,
  ImageBuildView,
  ImageLogView,
  LimitsView,
  LogLineView,
  Page,
  SecretView,
  StandbyView,
  SystemView,
  VolumeView,
} from "@bellows/protocol/views";
import type { DeployRequest } from "../catalog/deploy-request.ts";
import type { LimitChanges } from "../catalog/environment-limits.ts";
import type { PreviewRequest } from "./preview-verb.ts";
import type { CodeOf, EnvironmentOf, Reach } from "./reach.ts";

export interface PageRequest {
  cursor?: string | undefined;
  limit: number;
}

export interface AppFilter {
  environment?: string | undefined;
  includeStopped: boolean;
}

export interface FunctionFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  /** The pools of this function; without it, functions as they were deployed. */
  baseId?: string | undefined;
}

export interface DecisionFilter {
  functionId: string;
  /** Decided at or after, and before. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

export interface ContainerFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  functionId?: string | undefined;
  state?: ContainerState | undefined;
  includeGone: boolean;
}

export interface CallIdSearch {
  environment?: string | undefined;
  /** The begin or the end of an id. */
  idPart: string;
  limit: number;
}

export interface LogFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  functionId?: string | undefined;
  callId?: string | undefined;
  index?: number | undefined;
  containerId?: string | undefined;
  /** Lines after this id, oldest first. */
  after?: string | undefined;
  /** The newest lines before this id. */
  before?: string | undefined;
  limit: number;
}

/** A call of one input. */
export interface CallRequest {
  functionId: string;
  /** Of a class; for anything else there is none. */
  method?: string | undefined;
  args: unknown[];
  kind: "remote" | "spawn";
  idempotencyKey?: string | undefined;
}

/** Of one function, in milliseconds since 1970: from, and before. */
export interface LoadRange {
  functionId: string;
  fromMs: number;
  toMs: number;
}

/** A function by name, or one pool of it; parameters are base64 of the encoded arguments of a constructor. */
export interface HandleRef {
  environment: string;
  app: string;
  name: string;
  pool: { settings: Pool["settings"]; parameters: string | null } | null;
}

export interface InputFilter {
  callId: string;
  state?: InputState | undefined;
  /** The first page begins at this index. */
  from?: number | undefined;
}

export interface CallResult {
  state: InputState;
  result: ValuePreview | null;
  /** The value itself, when it consists of JSON types only. */
  json?: unknown;
  error: ErrorData | null;
}

export type AppRef = { id: string } | { name: string; environment: string };
export type FunctionRef = { id: string } | { app: string; name: string; environment: string };

export interface Verbs {
  exchangeCode(code: string): Promise<{ token: string; expiresAtMs: number }>;
  createSignInLink(userId: string): Promise<{ url: string; expiresAtMs: number }>;
  signOut(tokenId: string): Promise<void>;
  system(): SystemView;
  listGpus(): Promise<GpusView>;
  environmentOf: EnvironmentOf;
  codeOf: CodeOf;

  deployApp(request: DeployRequest): Promise<DeploymentView>;
  listApps(filter: AppFilter, page: PageRequest): Promise<Page<AppView>>;
  getApp(ref: AppRef): Promise<AppView>;
  appProgress(id: string): Promise<AppProgressView>;
  stopApp(id: string): Promise<AppView>;
  detachApp(id: string): Promise<AppView>;

  listFunctions(filter: FunctionFilter, page: PageRequest): Promise<Page<FunctionView>>;
  getFunction(ref: FunctionRef): Promise<FunctionView>;
  preview(request: PreviewRequest): Promise<PreviewView>;
  /** @throws InvalidError when the range ends before it begins. */
  functionLoad(range: LoadRange): Promise<LoadView>;
  functionStats(ref: HandleRef, reach: Reach): Promise<HandleStats>;
  autoscaler(ref: FunctionRef | HandleRef, reach: Reach): Promise<AutoscalerView>;
  updateAutoscaler(ref: FunctionRef | HandleRef, changes: AutoscalerChanges, reach: Reach): Promise<AutoscalerView>;
  listDecisions(filter: DecisionFilter, page: PageRequest): Promise<Page<DecisionView>>;

  listCalls(filter: CallFilter, page: PageRequest, reach: Reach): Promise<Page<CallView>>;
  findCalls(search: CallIdSearch, reach: Reach): Promise<CallView[]>;
  getCall(id: string, reach: Reach): Promise<CallView>;
  callTree(id: string, reach: Reach): Promise<CallTree>;
  listInputs(filter: InputFilter, page: PageRequest, reach: Reach): Promise<Page<InputView>>;
  getInput(callId: string, index: number, reach: Reach): Promise<InputDetailView>;
  createCall(request: CallRequest, reach: Reach): Promise<{ callId: string }>;
  callResult(request: { callId: string; index: number; timeoutMs: number }, reach: Reach): Promise<CallResult>;
  cancelCall(id: string, options: { terminateContainers: boolean }, reach: Reach): Promise<CallView>;
  retryCall(id: string, reach: Reach): Promise<{ retried: number }>;
  /** Both stop between two pages when the signal is aborted. */
  cancelCalls(filter: CallFilter, reach: Reach, signal: AbortSignal | undefined): Promise<BulkResult>;
  retryCalls(filter: CallFilter, reach: Reach, signal: AbortSignal | undefined): Promise<BulkResult>;

  listContainers(filter: ContainerFilter, page: PageRequest): Promise<Page<ContainerView>>;
  /** Containers that are kept ready, without a function yet. */
  listStandby(): StandbyView[];
  getContainer(id: string): Promise<ContainerView>;
  stopContainer(id: string): Promise<ContainerView>;

  listLogs(filter: LogFilter, reach: Reach): Promise<Page<LogLineView>>;

  /** @throws NotFoundError for code that was not uploaded. */
  buildImage(request: { definition: ImageDefinition | null; bundleHash: string }): Promise<ImageBuildView>;
  listImages(page: PageRequest): Promise<Page<ImageBuildView>>;
  getImage(id: string): Promise<ImageBuildView>;
  imageLog(id: string, from: number): Promise<ImageLogView>;

  listVolumes(environment: string): Promise<VolumeView[]>;
  /** @throws NotFoundError; InvalidError while a deployed function names it; ConflictError while a container may have it. */
  removeVolume(environment: string, name: string): Promise<void>;

  listSecrets(environment: string): Promise<SecretView[]>;
  setSecret(
    change: { environment: string; name: string; variables: Record<string, string> },
    userId: string,
  ): Promise<SecretView>;
  removeSecret(environment: string, name: string): Promise<void>;
  rotateSecretKey(): Promise<{ secrets: number }>;

  getLimits(environment: string): Promise<LimitsView>;
  setLimits(environment: string, changes: LimitChanges): Promise<LimitsView>;
}
