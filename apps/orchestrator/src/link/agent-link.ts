/**
 * The orchestrator's end of a container's link: frames from the agent become events of its function's engine. Safe
 * to cut at any moment: the agent says in `hello` what it holds, and offers every output again until it is stored.
 */

import { type AgentFrame, agentFrameSchema, type CommandFrame } from "@bellows/protocol/agent-frames";
import type { AttemptRef, LogItem } from "@bellows/protocol/frame-parts";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { CoreEvent } from "../core/events.ts";
import type { ContainerEntry } from "../engine/container-table.ts";
import type { FunctionEngine } from "../engine/function-engine.ts";
import { CLOSE_UNKNOWN, type FrameSocket, frameSocket } from "./frame-socket.ts";
import type { LogHub } from "./log-hub.ts";

const framesSchema = z.array(agentFrameSchema);

/** Serves one connection of the agent of `entry` until it closes. A newer connection of the same agent replaces it. */
export function serveAgent(
  socket: WebSocket,
  engine: FunctionEngine,
  entry: ContainerEntry,
  deps: { logs: LogHub; now: () => number },
): void {
  const { containerId } = entry;
  /** What the agent said it holds while its worker was not ready; counted when it is. */
  let held: AttemptRef[] = [];
  const link: FrameSocket<CommandFrame> = frameSocket<AgentFrame, CommandFrame>(socket, framesSchema, {
    received(frames) {
      for (const frame of frames) receive(frame);
    },
    closed() {
      if (entry.port !== port) return;
      entry.port = null;
      entry.unlinkedAtMs = deps.now();
      engine.feed([{ type: "containerUnlinked", containerId }]);
    },
  });
  const port = { send: link.send, close: (reason: string) => link.close(CLOSE_UNKNOWN, reason) };

  entry.port?.close("replaced by a newer link of the same container");
  entry.port = port;
  entry.unlinkedAtMs = null;
  link.send({ type: "assign", assignment: engine.assignment(entry) });

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
      case "returned":
        return engine.feed([{ type: "attemptsReturned", containerId, attempts: frame.attempts }]);
      case "lost":
        return engine.feed([{ type: "attemptsLost", containerId, attempts: frame.attempts, error: frame.error }]);
      case "logs":
        return storeLogs(frame.lines);
      case "stats":
        entry.cpuPercent = frame.cpuPercent;
        entry.memoryBytes = frame.memoryBytes;
        return;
      case "drained":
        return;
      default:
        frame satisfies never;
    }
  }

  function hello(frame: Extract<AgentFrame, { type: "hello" }>): void {
    entry.greeted = true;
    if (entry.state === "draining") return link.send({ type: "drain" });
    if (!frame.ready) {
      held = frame.held;
      return;
    }
    engine.fleet.containers.move(entry, "ready", deps.now());
    const slots = entry.slots ?? engine.record.settings.maxInputs;
    engine.feed([{ type: "containerReady", containerId, slots, startMs: startMsOf(entry), held: frame.held }]);
  }

  function ready(frame: Extract<AgentFrame, { type: "ready" }>): void {
    entry.slots = frame.slots;
    entry.timings = { createMs: entry.createMs, ...frame.timings };
    engine.fleet.containers.move(entry, "ready", deps.now());
    engine.feed([{ type: "containerReady", containerId, slots: frame.slots, startMs: startMsOf(entry), held }]);
    held = [];
  }

  function outputs(frame: Extract<AgentFrame, { type: "outputs" }>): void {
    engine.feed(
      frame.outputs.map(
        ([callId, index, attempt, status, payload, startedAtMs, finishedAtMs]): CoreEvent => ({
          type: "attemptEnded",
          containerId,
          attempt: [callId, index, attempt],
          status,
          payload,
          startedAtMs,
          finishedAtMs,
        }),
      ),
    );
    const seq = frame.firstSeq + frame.outputs.length - 1;
    engine.whenCommitted(() => entry.port?.send({ type: "ack", seq }));
  }

  function storeLogs(lines: readonly LogItem[]): void {
    const { functionId, appId, name } = engine.record;
    for (const [atMs, stream, callId, index, text] of lines) {
      engine.append({ type: "log", functionId, containerId, atMs, stream, callId, index, text });
    }
    deps.logs.publish(
      appId,
      lines.map(([atMs, stream, callId, index, text]) => [name, atMs, stream, callId, index, containerId, text]),
    );
  }
}

/** From the driver's first step to ready, in milliseconds; 0 while unknown. */
function startMsOf({ timings }: ContainerEntry): number {
  return timings ? timings.createMs + timings.bootMs + timings.fetchMs + timings.importMs + timings.enterMs : 0;
}
