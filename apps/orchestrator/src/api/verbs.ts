/**
 * The API as a list of verbs: what the routers call after they have validated, and nothing else. `create-verbs.ts`
 * binds them to database, engines and catalog; clients that import the router's type see only this.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import type { CallKind, CallState, ContainerState, InputState } from "@bellows/protocol/states";
import type {
  AppView,
  CallView,
  ContainerView,
  DeploymentView,
  FunctionView,
  InputDetailView,
  InputView,
  LogLineView,
  Page,
  SystemView,
  ValuePreview,
} from "@bellows/protocol/views";
import type { DeployRequest } from "../catalog/deploy-request.ts";

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
}

export interface CallFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  functionId?: string | undefined;
  state?: CallState | undefined;
  kind?: CallKind | undefined;
}

export interface ContainerFilter {
  environment?: string | undefined;
  appId?: string | undefined;
  functionId?: string | undefined;
  state?: ContainerState | undefined;
  includeGone: boolean;
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

  deployApp(request: DeployRequest): Promise<DeploymentView>;
  listApps(filter: AppFilter, page: PageRequest): Promise<Page<AppView>>;
  getApp(ref: AppRef): Promise<AppView>;
  stopApp(id: string): Promise<AppView>;
  detachApp(id: string): Promise<AppView>;

  listFunctions(filter: FunctionFilter, page: PageRequest): Promise<Page<FunctionView>>;
  getFunction(ref: FunctionRef): Promise<FunctionView>;

  listCalls(filter: CallFilter, page: PageRequest): Promise<Page<CallView>>;
  getCall(id: string): Promise<CallView>;
  listInputs(filter: { callId: string; state?: InputState | undefined }, page: PageRequest): Promise<Page<InputView>>;
  getInput(callId: string, index: number): Promise<InputDetailView>;
  createCall(request: { functionId: string; args: unknown[]; kind: "remote" | "spawn" }): Promise<{ callId: string }>;
  callResult(request: { callId: string; index: number; timeoutMs: number }): Promise<CallResult>;
  cancelCall(id: string, options: { terminateContainers: boolean }): Promise<CallView>;

  listContainers(filter: ContainerFilter, page: PageRequest): Promise<Page<ContainerView>>;
  getContainer(id: string): Promise<ContainerView>;
  stopContainer(id: string): Promise<ContainerView>;

  listLogs(filter: LogFilter): Promise<Page<LogLineView>>;
}
