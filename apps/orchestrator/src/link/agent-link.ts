/**
 * The orchestrator's end of a container's link: frames from the agent become events of its function's engine. Safe
 * to cut at any moment: the agent says in `hello` what it holds, and offers every output again until it is stored.
 */
import { type AgentFrame, agentFrameSchema, type CommandFrame } from "@bellows/protocol/agent-frames";
import { BellowsError, errorData, StartupError } from "@bellows/protocol/errors";
import { type AttemptRef, countItems, type LogItem, refsOf } from "@bellows/protocol/frame-parts";
import type { WebSocket } from "ws";
import { z } from "zod";
import { assignmentOf } from "../engine/assignment.ts";
import type { ContainerEntry } from "../engine/container-table.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { FunctionEngine } from "../engine/function-engine.ts";
import { readPatiently } from "../engine/read-patiently.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Logger } from "../telemetry/logger.ts";
import { backPressure } from "./back-pressure.ts";
import { CLOSE_UNKNOWN, type FrameSocket, frameSocket } from "./frame-socket.ts";
import type { LogHub } from "./log-hub.ts";

const framesSchema = z.array(agentFrameSchema);

export interface AgentLinkDeps {
  engines: Pick<EngineRegistry, "isOfAnother">;
  logs: LogHub;
  /** The variables of secrets by their names. */
  secrets: Pick<Secrets, "variables">;
  pendingBytes: () => number;
  now: () => number;
  log: Logger;
}

/** Serves one connection of the agent of `entry` until it closes. A newer connection of the same agent replaces it. */
export function serveAgent(
  socket: WebSocket,
  engine: FunctionEngine,
  entry: ContainerEntry,
  deps: AgentLinkDeps,
): void {
  const { containerId } = entry;
  /** What the agent said it holds while its worker was not ready, less what has ended since; counted when it is ready. */
  let held: AttemptRef[] = [];
  const link: FrameSocket<CommandFrame> = frameSocket<AgentFrame, CommandFrame>(socket, framesSchema, {
    received(frames) {
      // What it still had to say it says again on its newer link.
      if (entry.port !== port) return;
      for (const frame of frames) receive(frame);
      pressure.check();
    },
    closed() {
      pressure.stop();
      if (entry.port !== port) return;
      entry.port = null;
      entry.unlinkedAtMs = deps.now();
      engine.feed([{ type: "containerUnlinked", containerId }]);
    },
    failed: (err) => deps.log.error({ err, containerId }, "an agent's frame could not be served"),
  });
  const pressure = backPressure(link, deps.pendingBytes);
  const port = { send: link.send, close: (reason: string) => link.close(CLOSE_UNKNOWN, reason) };

  if (entry.port) {
    // What was sent on the old link may not have arrived: the core has to look at what the agent says it holds.
    entry.port.close("replaced by a newer link of the same container");
    engine.feed([{ type: "containerUnlinked", containerId }]);
  }
  entry.port = port;
  entry.unlinkedAtMs = null;
  void assign();

  /** It has nothing to do before. One that has been ready was told by an earlier link, and takes no other assignment. */
  async function assign(): Promise<void> {
    const named = entry.slots === null ? engine.record.settings.secrets : [];
    try {
      const secrets = named.length === 0 ? {} : await readSecrets(named);
      if (entry.port !== port) return;
      const assignment = assignmentOf(engine.record, entry.deploymentId, secrets);
      entry.bundleHash = assignment.bundleHash;
      link.send({ type: "assign", assignment });
    } catch (error) {
      if (entry.port !== port) return;
      deps.log.warn({ err: error, containerId }, "the secrets of a container could not be read");
      // One that an earlier process has started may be running: should it not be, its time to start runs out.
      if (!entry.adopted) engine.fleet.startFailed(entry, errorData(shownOf(error)));
    }
  }

  function readSecrets(names: readonly string[]): Promise<Record<string, string>> {
    const { environmentId } = engine.record;
    return readPatiently(
      () => deps.secrets.variables(environmentId, names),
      () => entry.port !== port,
    );
  }

  function receive(frame: AgentFrame): void {
    switch (frame.type) {
      case "hello":
        return hello(frame);
      case "ready":
        return ready(frame);
      case "startFailed":
        return engine.fleet.startFailed(entry, frame.error);
      case "started":
        return engine.feed([{ type: "attemptsStarted", containerId, attempts: frame.attempts }]);
      case "outputs":
        return outputs(frame);
      case "yields":
        if (isForeign(frame.attempt[0])) return;
        return engine.streams.yielded(containerId, frame.attempt, frame.firstSeq, frame.values);
      case "returned":
        forgetHeld(frame.attempts);
        return engine.feed([{ type: "attemptsReturned", containerId, attempts: frame.attempts }]);
      case "lost":
        forgetHeld(frame.attempts);
        return engine.feed([{ type: "attemptsLost", containerId, attempts: frame.attempts, error: frame.error }]);
      case "logs":
        return storeLogs(frame.lines);
      case "stats":
        entry.cpuPercent = frame.cpuPercent;
        entry.memoryBytes = frame.memoryBytes;
        return;
      case "draining":
        return stopAsked();
      case "drained":
        return;
      default:
        frame satisfies never;
    }
  }

  function stopAsked(): void {
    engine.feed([{ type: "containerStopAsked", containerId, reason: "its host asked it to end" }]);
  }

  function hello(frame: Extract<AgentFrame, { type: "hello" }>): void {
    if (frame.draining) stopAsked();
    if (entry.state === "draining") return link.send({ type: "drain" });
    ({ held } = frame);
    if (frame.ready) return mayRun(entry.slots ?? engine.record.settings.maxInputs);
    entry.greeted ||= held.length === 0;
  }

  function ready(frame: Extract<AgentFrame, { type: "ready" }>): void {
    entry.slots = frame.slots;
    // It had been booted before it was asked for.
    const boot = entry.booted ? { bootMs: 0 } : {};
    entry.timings = { createMs: entry.createMs, ...frame.timings, ...boot };
    mayRun(frame.slots);
  }

  function mayRun(slots: number): void {
    engine.fleet.containers.move(entry, "ready", deps.now());
    engine.feed([{ type: "containerReady", containerId, slots, startMs: startMsOf(entry), held }]);
    engine.streams.linked(containerId, held);
    entry.greeted = true;
    held = [];
  }

  function outputs({ firstSeq, outputs }: Extract<AgentFrame, { type: "outputs" }>): void {
    if (held.length > 0) forgetHeld(refsOf(outputs));
    const own = outputs.filter(([callId]) => !isForeign(callId));
    engine.feed([{ type: "attemptsEnded", containerId, outputs: own }]);
    const seq = firstSeq + countItems(outputs) - 1;
    engine.whenCommitted(() => entry.port?.send({ type: "ack", seq }));
  }

  /** User code can read its container's token and link up in its agent's place: what it says of others' calls is dropped. */
  function isForeign(callId: string): boolean {
    return deps.engines.isOfAnother(engine, callId);
  }

  function forgetHeld(ended: readonly AttemptRef[]): void {
    const over = new Set(ended.map(([callId, index, attempt]) => `${callId}:${index}/${attempt}`));
    held = held.filter(([callId, index, attempt]) => !over.has(`${callId}:${index}/${attempt}`));
  }

  function storeLogs(lines: readonly LogItem[]): void {
    const { functionId, appId, name } = engine.record;
    const own = lines.map((line): LogItem => {
      const [atMs, stream, callId, , text] = line;
      return callId !== null && isForeign(callId) ? [atMs, stream, null, null, text] : line;
    });
    for (const [atMs, stream, callId, index, text] of own) {
      engine.append({ type: "log", functionId, containerId, atMs, stream, callId, index, text });
    }
    deps.logs.publish(
      appId,
      own.map(([atMs, stream, callId, index, text]) => [name, atMs, stream, callId, index, containerId, text]),
    );
  }
}

/** What callers may read of it: no SQL. */
function shownOf(error: unknown): BellowsError {
  if (error instanceof BellowsError) return error;
  return new StartupError("its secrets could not be read; the orchestrator's log says why");
}

/** From the driver's first step to ready, in milliseconds; 0 while unknown. */
function startMsOf({ timings }: ContainerEntry): number {
  return timings ? timings.createMs + timings.bootMs + timings.fetchMs + timings.importMs + timings.enterMs : 0;
}
