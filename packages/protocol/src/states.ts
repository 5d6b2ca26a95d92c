/**
 * Every state a thing can be in and every move it may make, as tables. Predicates, permitted actions and colours
 * derive from these; no other file compares a state with a string of its own making.
 */

type Moves<S extends string> = { readonly [K in S]: readonly S[] };

/** A call is open while inputs may still come, running until every input has its output. */
export const CALL_MOVES = {
  running: ["succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: ["running"],
  cancelled: ["running"],
} as const satisfies Moves<"running" | "succeeded" | "failed" | "cancelled">;
export type CallState = keyof typeof CALL_MOVES;

export const INPUT_MOVES = {
  queued: ["running", "cancelled", "failed"],
  running: ["queued", "succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: ["queued"],
  cancelled: ["queued"],
} as const satisfies Moves<"queued" | "running" | "succeeded" | "failed" | "cancelled">;
export type InputState = keyof typeof INPUT_MOVES;

export const CONTAINER_MOVES = {
  starting: ["ready", "draining", "failed", "stopped", "lost"],
  ready: ["starting", "draining", "failed", "stopped", "lost"],
  draining: ["stopped", "failed", "lost"],
  stopped: [],
  failed: [],
  lost: ["ready", "draining", "stopped", "failed"],
} as const satisfies Moves<"starting" | "ready" | "draining" | "stopped" | "failed" | "lost">;
export type ContainerState = keyof typeof CONTAINER_MOVES;

export const APP_MOVES = {
  deployed: ["stopped"],
  ephemeral: ["stopped"],
  stopped: ["deployed"],
} as const satisfies Moves<"deployed" | "ephemeral" | "stopped">;
export type AppState = keyof typeof APP_MOVES;

/** Of the build of an image. One that is ready is built again when what it made is gone. */
export const IMAGE_MOVES = {
  building: ["ready", "failed"],
  ready: ["building"],
  failed: ["building"],
} as const satisfies Moves<"building" | "ready" | "failed">;
export type ImageState = keyof typeof IMAGE_MOVES;

export const IMAGE_STATES = Object.keys(IMAGE_MOVES) as ImageState[];
export const CALL_STATES = Object.keys(CALL_MOVES) as CallState[];
export const INPUT_STATES = Object.keys(INPUT_MOVES) as InputState[];
export const CONTAINER_STATES = Object.keys(CONTAINER_MOVES) as ContainerState[];
export const APP_STATES = Object.keys(APP_MOVES) as AppState[];

/** How an input ended. The number is the one on the wire and in the `outputs` table. */
export const OUTPUT_STATUS = { succeeded: 0, failed: 1, cancelled: 2 } as const;
export type OutputStatusName = keyof typeof OUTPUT_STATUS;
export type OutputStatus = (typeof OUTPUT_STATUS)[OutputStatusName];

const OUTPUT_STATUS_NAMES: Record<OutputStatus, OutputStatusName> = { 0: "succeeded", 1: "failed", 2: "cancelled" };
export function outputStatusName(status: OutputStatus): OutputStatusName {
  return OUTPUT_STATUS_NAMES[status];
}

/** Which verb made the call, and in which class it queues: sync inputs go before the async backlog. */
export const CALL_KINDS = {
  remote: { queueClass: "sync", manyInputs: false },
  remoteGen: { queueClass: "sync", manyInputs: false },
  map: { queueClass: "sync", manyInputs: true },
  spawn: { queueClass: "async", manyInputs: false },
  spawnMap: { queueClass: "async", manyInputs: true },
} as const;
export type CallKind = keyof typeof CALL_KINDS;
export const CALL_KIND_NAMES = Object.keys(CALL_KINDS) as CallKind[];
export type QueueClass = (typeof CALL_KINDS)[CallKind]["queueClass"];

/**
 * What an attempt that did not end its input was. A failed one is charged against the retries; a lost one went with its
 * container, and so many of them are borne; one that was failed, lost or cancelled for good is `retried` when somebody
 * asks for the whole call to be tried again, and counts for nothing any more.
 */
export const ATTEMPT_OUTCOMES = ["failed", "lost", "retried"] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** What the code of a function is: it answers once, yields many values, or is a class whose methods answer. */
export const FUNCTION_KINDS = {
  function: { calledWith: ["remote", "map", "spawn", "spawnMap"] },
  generator: { calledWith: ["remoteGen"] },
  class: { calledWith: ["remote", "map", "spawn", "spawnMap"] },
} as const satisfies Record<string, { calledWith: readonly CallKind[] }>;
export type FunctionKind = keyof typeof FUNCTION_KINDS;

export function mayMove<S extends string>(moves: Moves<S>, from: S, to: S): boolean {
  return moves[from].includes(to);
}

/** A call in one of these has all its outputs and changes no more by itself. */
export function isFinishedCall(state: CallState): boolean {
  return state !== "running";
}

/** A container in one of these has left nothing running behind. */
export function isGoneContainer(state: ContainerState): boolean {
  return state === "stopped" || state === "failed";
}
