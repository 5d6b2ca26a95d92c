/**
 * What the process that loaded a bundle tells the SDK inside it: which orchestrator to talk to, as which app, and
 * (in a container) which input is running. Kept on `globalThis`, because a bundle carries its own copy of the SDK.
 */
const KEY = Symbol.for("bellows.runtime");

export interface RuntimeContext {
  /**
   * Where the calls that are made here go: in a container as that container. Null: the SDK reads environment and
   * credentials file.
   */
  connection: { url: string; token: string } | null;
  environment: string;
  /** The name under which the app of this bundle is deployed; `run` deploys under a name of its own. */
  appName: string | null;
  /** The input being run here, by async context; undefined outside of one. */
  currentInput: () => { callId: string; index: number; signal: AbortSignal } | undefined;
}

export function setRuntimeContext(context: RuntimeContext): void {
  (globalThis as { [KEY]?: RuntimeContext })[KEY] = context;
}

export function runtimeContext(): RuntimeContext | undefined {
  return (globalThis as { [KEY]?: RuntimeContext })[KEY];
}
