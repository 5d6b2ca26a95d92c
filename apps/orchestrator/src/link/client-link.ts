/**
 * The orchestrator's end of a client's link: frames open calls, add inputs and watch outputs on the engine of their
 * function. Everything a client sends may come twice (it reconnected); calls are known by id, inputs by index.
 */

import { type ClientFrame, clientFrameSchema, type ServerFrame } from "@bellows/protocol/client-frames";
import { errorData, NotFoundError } from "@bellows/protocol/errors";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { CallListener } from "../engine/call-listener.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import { type FrameSocket, frameSocket } from "./frame-socket.ts";
import type { LogHub } from "./log-hub.ts";
import { OpenedCall } from "./opened-call.ts";

const framesSchema = z.array(clientFrameSchema);
/** Reading from clients stops while more than this many bytes wait for Postgres, and goes on below half of it. */
const PENDING_BYTES_HIGH = 128 * 1024 * 1024;
const PRESSURE_CHECK_MS = 20;

export interface ClientLinkDeps {
  engines: EngineRegistry;
  logs: LogHub;
  /** Keeps an ephemeral app while the link lives. */
  holds: { hold(appId: string, linkId: string): void; release(linkId: string): void };
  orchestratorId: string;
  pendingBytes: () => number;
  now: () => number;
}

/** Serves one client until its link closes. `linkId` is unique to the connection. */
export function serveClient(socket: WebSocket, linkId: string, deps: ClientLinkDeps): void {
  const calls = new Map<string, OpenedCall>();
  const stops: (() => void)[] = [];
  let closed = false;

  const link: FrameSocket<ServerFrame> = frameSocket<ClientFrame, ServerFrame>(socket, framesSchema, {
    received(frames) {
      for (const frame of frames) receive(frame);
      if (deps.pendingBytes() > PENDING_BYTES_HIGH) waitForJournal();
    },
    closed() {
      closed = true;
      for (const call of calls.values()) call.leave();
      for (const stop of stops) stop();
      deps.holds.release(linkId);
    },
  });

  const listener: CallListener = {
    output(callId, output) {
      const last = link.last();
      if (last?.type === "outputs" && last.callId === callId) last.outputs.push(output);
      else link.send({ type: "outputs", callId, outputs: [output] });
    },
    finished(callId, end) {
      calls.delete(callId);
      link.send({ type: "finished", callId, ...end });
    },
  };

  link.send({ type: "welcome", orchestratorId: deps.orchestratorId, timeMs: deps.now() });

  function receive(frame: ClientFrame): void {
    switch (frame.type) {
      case "open": {
        const call = new OpenedCall(frame, { ...deps, link, listener });
        calls.set(frame.callId, call);
        return call.do(() => call.open());
      }
      case "inputs":
        return on(frame.callId, (call) => call.addInputs(frame.firstIndex, frame.values));
      case "close":
        return on(frame.callId, (call) => call.close(frame.inputCount));
      case "cancel":
        return cancel(frame);
      case "watch":
        return watch(frame);
      case "unwatch":
        calls.get(frame.callId)?.leave();
        calls.delete(frame.callId);
        return;
      case "hold":
        return deps.holds.hold(frame.appId, linkId);
      case "followLogs":
        stops.push(deps.logs.follow(frame.appId, (appId, lines) => link.send({ type: "logs", appId, lines })));
        return;
      default:
        frame satisfies never;
    }
  }

  function on(callId: string, act: (call: OpenedCall) => void): void {
    const call = calls.get(callId);
    if (call) call.do(() => act(call));
    else
      refuse(callId, new NotFoundError(`call ${callId} is not open on this link; open it before sending its inputs`));
  }

  function cancel({ callId, terminateContainers }: Extract<ClientFrame, { type: "cancel" }>): void {
    const opened = calls.get(callId);
    const act = (): Promise<void> => deps.engines.cancelCall(callId, { terminateContainers });
    if (opened) opened.do(act);
    else act().catch((error: unknown) => refuse(callId, error));
  }

  function watch({ callId, fromIndex }: Extract<ClientFrame, { type: "watch" }>): void {
    const opened = calls.get(callId);
    if (opened) return opened.do(() => opened.watch(fromIndex));
    deps.engines
      .watch(callId, fromIndex, listener)
      .then((stop) => {
        if (closed) stop();
        else stops.push(stop);
      })
      .catch((error: unknown) => refuse(callId, error));
  }

  function refuse(callId: string, error: unknown): void {
    link.send({ type: "refused", callId, error: errorData(error) });
  }

  function waitForJournal(): void {
    link.pause();
    const timer = setInterval(() => {
      if (!closed && deps.pendingBytes() > PENDING_BYTES_HIGH / 2) return;
      clearInterval(timer);
      link.resume();
    }, PRESSURE_CHECK_MS);
  }
}
