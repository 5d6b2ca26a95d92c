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
  /** What the present code runs for, by async context; undefined outside of any input. */
  currentInput: () => CurrentInput | undefined;
}

/** One input, or the inputs of a batch. Calls that are made for a batch are those of its first input. */
export interface CurrentInput {
  /** Of a batch that of its first input. */
  callId: string;
  index: number;
  /** What the code runs for as a whole: one input, several of one call, or inputs of several calls. */
  common: "input" | "call" | "nothing";
  signal: AbortSignal;
}

export function setRuntimeContext(context: RuntimeContext): void {
  (globalThis as { [KEY]?: RuntimeContext })[KEY] = context;
}

export function runtimeContext(): RuntimeContext | undefined {
  return (globalThis as { [KEY]?: RuntimeContext })[KEY];
}
