/**
 * The link of a container that has no function yet: it is listened to for nothing but its life and its size, until an
 * engine takes it. From then on it is served as that engine's.
 */
import { type AgentFrame, agentFrameSchema, type CommandFrame } from "@bellows/protocol/agent-frames";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { StandbyPool } from "../engine/standby-pool.ts";
import type { Logger } from "../telemetry/logger.ts";
import { frameSocket } from "./frame-socket.ts";

const framesSchema = z.array(agentFrameSchema);

/** `serve` takes the link over; it is called once, when an engine has taken the container. */
export function serveStandby(
  socket: WebSocket,
  containerId: string,
  { standby, serve, log }: { standby: StandbyPool; serve: () => void; log: Logger },
): void {
  let isTaken = false;
  const link = frameSocket<AgentFrame, CommandFrame>(socket, framesSchema, {
    received(frames) {
      for (const frame of frames) {
        if (frame.type === "hello") standby.linked(containerId, take);
        if (frame.type === "stats") standby.measured(containerId, frame.memoryBytes);
      }
    },
    closed() {
      if (!isTaken) standby.unlinked(containerId, take);
    },
    failed: (err) => log.error({ err, containerId }, "a frame of a container kept ready could not be served"),
  });

  function take(): void {
    isTaken = true;
    link.release();
    serve();
  }
}
