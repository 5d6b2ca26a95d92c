/**
 * The life of containers as the core sees it. A container that is cut off keeps what it holds: it is still running
 * it. Only when it is gone, or comes back without it, does an input go to another one.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import type { AttemptRef } from "@bellows/protocol/frame-parts";
import { inputIdOf } from "@bellows/protocol/ids";
import { adopt } from "./attempts.ts";
import { cancelHeld } from "./cancel.ts";
import type { CoreEvent, Effect } from "./events.ts";
import { measureStart } from "./measured-times.ts";
import { giveBack, lose } from "./outcome.ts";
import { queuedCount } from "./queue.ts";
import { recallUnbegun } from "./recall.ts";
import { runsAtMostOnce } from "./retry.ts";
import { begin, findHold, forgetContainer, newContainer, rank, setState } from "./slots.ts";
import { startFailed, startSucceeded } from "./start-failures.ts";
import type { Container, FunctionCore, Hold } from "./state.ts";
import { endIfDone, kill, retire } from "./victims.ts";

/** How long outputs have to follow after a container came back without an attempt, before the input is sent again. */
const MISSING_MS = 500;
const REPLACED = "replaced by a new deployment";

type Of<T extends CoreEvent["type"]> = Extract<CoreEvent, { type: T }>;

export function containerStarting(
  core: FunctionCore,
  event: Of<"containerStarting">,
  nowMs: number,
  effects: Effect[],
): void {
  if (core.containers.has(event.containerId)) return;
  const container = newContainer(core, event.containerId, event.deploymentId, nowMs);
  container.adopted = event.adopted ?? false;
  if (event.deploymentId === core.deploymentId) core.requested = Math.max(0, core.requested - 1);
  if (!core.recovering) retireUnwanted(core, container, effects);
}

export function containerReady(
  core: FunctionCore,
  event: Of<"containerReady">,
  nowMs: number,
  effects: Effect[],
): void {
  const container = core.containers.get(event.containerId);
  // Its last words may come after the driver has said that it is gone.
  if (!container) return;
  const cameBack = !container.linked;
  measureStart(core, container, nowMs);
  container.linked = true;
  // Found again too late to be waited for: it may have had its input, whose output follows.
  if (container.adopted && !core.recovering) container.used ||= core.settings.singleUseContainers;
  container.adopted = false;
  container.readyAtMs = Math.min(container.readyAtMs, nowMs);
  container.stalled = false;
  container.slots = core.settings.singleUseContainers ? 1 : event.slots;
  if (container.state === "starting" && container.deploymentId === core.deploymentId)
    startSucceeded(core.startFailures);
  if (container.state !== "draining") setState(core, container, "ready");
  const unwanted: AttemptRef[] = [];
  for (const ref of event.held) {
    const [callId, index, attempt] = ref;
    const held = findHold(container, { callId, index, attempt }, core.calls.get(callId)?.inputs.get(index));
    if (held) held.missingUntilMs = null;
    else if (!adopt(core, container, ref, nowMs)) unwanted.push(ref);
  }
  if (unwanted.length > 0) effects.push({ type: "cancelAttempts", containerId: container.id, attempts: unwanted });
  if (cameBack) noteMissing(core, container, event, nowMs);
  while (container.nextUnbegun && container.begun < container.slots) begin(core, container.nextUnbegun, nowMs);
  rank(core, container);
  cancelHeld(container, effects);
  if (container.state === "draining") recallUnbegun(container, container.holds.length, effects);
  if (!core.recovering) retireUnwanted(core, container, effects);
  endIfDone(core, container, effects);
}

/** What it came back without was lost on the way to it, or its output follows: the queue takes it back after a while. */
function noteMissing(core: FunctionCore, container: Container, event: Of<"containerReady">, nowMs: number): void {
  if (container.holds.length <= event.held.length) return;
  const present = new Set(event.held.map(([callId, index, attempt]) => `${inputIdOf(callId, index)}/${attempt}`));
  for (let held = container.holds.head; held; held = held.next) {
    const { call, index } = held.input;
    if (present.has(`${inputIdOf(call.callId, index)}/${held.attempt}`) || held.missingUntilMs !== null) continue;
    held.missingUntilMs = nowMs + MISSING_MS;
    core.missing.push(held);
  }
}

/** Takes back what containers came back without. */
export function takeBackMissing(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (core.missing.length === 0) return;
  const due: Hold[] = [];
  core.missing = core.missing.filter((held) => {
    if (held.released || held.missingUntilMs === null) return false;
    if (held.missingUntilMs > nowMs) return true;
    due.push(held);
    return false;
  });
  for (const held of due) {
    // The word of its loss may be what did not arrive.
    if (runsAtMostOnce(core.settings)) lose(core, held, vanished(held.container), nowMs, effects);
    else giveBack(core, held, nowMs, effects);
    endIfDone(core, held.container, effects);
  }
}

/** Most links that are cut are made anew within this; one whose new connection hangs takes longer, and is not waited for. */
const UNREACHABLE_MS = 5_000;

/**
 * Those that hold nothing and cannot be reached end as soon as something waits: their places are for others. The container
 * may work all the same, so it is asked to end, by the driver, and has the time of its exit hooks; nobody waits for it.
 */
export function endUnreachable(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (core.census.lost === 0 || core.recovering || queuedCount(core) === 0) return;
  for (const container of core.containers.values()) {
    if (container.state !== "lost" || container.holds.length > 0 || container.adopted) continue;
    if (nowMs - container.unlinkedMs < UNREACHABLE_MS) continue;
    const reason = `not reached for ${UNREACHABLE_MS / 1_000} s, while inputs wait`;
    setState(core, container, "draining");
    container.endAsked = true;
    container.drainReason = reason;
    effects.push({ type: "drain", containerId: container.id, reason });
  }
}

export function containerUnlinked(core: FunctionCore, event: Of<"containerUnlinked">, nowMs: number): void {
  const container = core.containers.get(event.containerId);
  if (!container) return;
  container.linked = false;
  container.unlinkedMs = nowMs;
  // A recall may not have arrived; what is missing is counted anew when the container is back.
  for (let held = container.holds.head; held; held = held.next) {
    held.recalled = false;
    held.missingUntilMs = null;
  }
  container.recalled = 0;
  if (container.state === "ready") setState(core, container, "lost");
  else rank(core, container);
}

/** The code could not be started, or not started again after its worker died. */
export function containerStartFailed(
  core: FunctionCore,
  event: Of<"containerStartFailed">,
  nowMs: number,
  effects: Effect[],
): void {
  const container = core.containers.get(event.containerId);
  if (!container) core.requested = Math.max(0, core.requested - 1);
  // One that was told to end before it was ready has not failed.
  if (!container?.endAsked && (!container || container.deploymentId === core.deploymentId)) {
    startFailed(core.startFailures, event.error, nowMs);
  }
  if (container) loseContainer(core, container, event.error, nowMs, effects);
}

export function containerGone(core: FunctionCore, event: Of<"containerGone">, nowMs: number, effects: Effect[]): void {
  const container = core.containers.get(event.containerId);
  if (!container) return;
  if (container.state === "starting" && container.deploymentId === core.deploymentId) {
    startFailed(core.startFailures, event.error ?? exitedEarly(container), nowMs);
  }
  loseContainer(core, container, event.error, nowMs, effects);
}

/**
 * What a container held goes back. Only what had begun can be the reason of its end, and not even that when it was told
 * to end: the rest is not counted as lost.
 */
function loseContainer(
  core: FunctionCore,
  container: Container,
  error: ErrorData | null,
  nowMs: number,
  effects: Effect[],
): void {
  forgetContainer(core, container);
  for (let held = container.holds.tail; held && !held.begun; held = container.holds.tail) {
    giveBack(core, held, nowMs, effects);
  }
  for (let held = container.holds.head; held; held = container.holds.head) {
    if (container.endAsked && !runsAtMostOnce(core.settings)) giveBack(core, held, nowMs, effects);
    else lose(core, held, error ?? vanished(container), nowMs, effects);
  }
}

/** Ends starts that take too long. */
export function endSlowStarts(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  if (core.census.starting === 0) return;
  for (const container of core.containers.values()) {
    if (container.state !== "starting" || nowMs - container.startingSinceMs < core.settings.startupTimeoutMs) continue;
    const error = tooSlow(container, core.settings.startupTimeoutMs);
    startFailed(core.startFailures, error, nowMs);
    kill(core, container, error.message, effects);
  }
}

/** New code: every container of another deployment ends when it has finished what it began. */
export function retireAllUnwanted(core: FunctionCore, effects: Effect[]): void {
  for (const container of core.containers.values()) retireUnwanted(core, container, effects);
}

function retireUnwanted(core: FunctionCore, container: Container, effects: Effect[]): void {
  if (core.stopped) retire(core, container, "the app was stopped", effects);
  else if (container.deploymentId !== core.deploymentId) retire(core, container, REPLACED, effects);
}

function tooSlow(container: Container, limitMs: number): ErrorData {
  return startupError(
    `container ${container.id} was not ready ${limitMs} ms after its start; ` +
      "look at its logs for what imports and enter hooks wait for, or raise startupTimeout",
  );
}

function exitedEarly(container: Container): ErrorData {
  return startupError(`container ${container.id} exited before it was ready; look at its logs`);
}

function startupError(message: string): ErrorData {
  return { code: "STARTUP", name: "StartupError", message };
}

function vanished(container: Container): ErrorData {
  return {
    code: "CONTAINER_CRASHED",
    name: "ContainerCrashedError",
    message: `container ${container.id} ended by itself while inputs ran in it`,
  };
}
