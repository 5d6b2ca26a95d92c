/**
 * The orchestrator's end of a client's link: frames open calls, add inputs and watch outputs on the engine of their
 * function. Everything a client sends may come twice (it reconnected); calls are known by id, inputs by index. What
 * is kept here goes with its call, or with the link.
 */

import { type ClientFrame, clientFrameSchema, type ServerFrame } from "@bellows/protocol/client-frames";
import { errorData, NotFoundError } from "@bellows/protocol/errors";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { CallListener } from "../engine/call-listener.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { Logger } from "../telemetry/logger.ts";
import { backPressure } from "./back-pressure.ts";
import { type FrameSocket, frameSocket } from "./frame-socket.ts";
import { linkWatches } from "./link-watches.ts";
import type { LogHub } from "./log-hub.ts";
import { OpenedCall } from "./opened-call.ts";

const framesSchema = z.array(clientFrameSchema);
/** Refused calls that are remembered, so that what was on its way for them is dropped without another word. */
const REFUSED_REMEMBERED = 1_024;

export interface ClientLinkDeps {
  engines: EngineRegistry;
  logs: LogHub;
  /** Keeps an ephemeral app while the link lives. */
  holds: { hold(appId: string, linkId: string): void; release(linkId: string): void };
  orchestratorId: string;
  pendingBytes: () => number;
  now: () => number;
  log: Logger;
}

/** Serves one client until its link closes. `linkId` is unique to the connection. */
export function serveClient(socket: WebSocket, linkId: string, deps: ClientLinkDeps): void {
  /** Calls that this link still feeds or, sync ones, hears. */
  const calls = new Map<string, OpenedCall>();
  const refused = new Set<string>();
  const unfollow = new Map<string, () => void>();

  const link: FrameSocket<ServerFrame> = frameSocket<ClientFrame, ServerFrame>(socket, framesSchema, {
    received(frames) {
      for (const frame of frames) receive(frame);
      pressure.check();
    },
    closed() {
      pressure.stop();
      watches.stopAll();
      for (const call of calls.values()) call.leave();
      for (const stop of unfollow.values()) stop();
      deps.holds.release(linkId);
    },
    failed: (err) => deps.log.error({ err, linkId }, "a client's frame could not be served"),
  });
  const pressure = backPressure(link, deps.pendingBytes);

  const watched = {
    output(callId, output) {
      const last = link.last();
      if (last?.type === "outputs" && last.callId === callId) last.outputs.push(output);
      else link.send({ type: "outputs", callId, outputs: [output] });
    },
    finished(callId, end) {
      calls.delete(callId);
      link.send({ type: "finished", callId, ...end });
    },
    refused: refuse,
    room: link.room,
  } satisfies CallListener & Parameters<typeof linkWatches>[1];
  const watches = linkWatches(deps.engines, watched);

  /** Hears the calls that were opened here; `finished` is left to a watch that still has outputs to deliver. */
  const listener: CallListener = {
    ...watched,
    finished(callId, end) {
      calls.delete(callId);
      if (!watches.has(callId)) watched.finished(callId, end);
    },
  };

  const { engines, now } = deps;
  const opening = { engines, now, link, listener, refused: refuseOpened };

  link.send({ type: "welcome", orchestratorId: deps.orchestratorId, timeMs: deps.now() });

  function receive(frame: ClientFrame): void {
    switch (frame.type) {
      case "open":
        return open(frame);
      case "inputs":
        return on(frame.callId, (call) => call.addInputs(frame.firstIndex, frame.values));
      case "close":
        return on(frame.callId, (call) => {
          call.close(frame.inputCount);
          // An async call has nothing more to say here; outputs are for who watches it.
          if (!call.isHeard && calls.get(frame.callId) === call) calls.delete(frame.callId);
        });
      case "cancel":
        return cancel(frame);
      case "watch":
        return watch(frame);
      case "unwatch":
        watches.stop(frame.callId);
        calls.get(frame.callId)?.unlisten();
        return;
      case "hold":
        return deps.holds.hold(frame.appId, linkId);
      case "followLogs":
        return followLogs(frame.appId);
      default:
        frame satisfies never;
    }
  }

  /** An `open` that comes again on the same link takes the place of the first. */
  function open(frame: Extract<ClientFrame, { type: "open" }>): void {
    const { callId } = frame;
    calls.get(callId)?.leave();
    refused.delete(callId);
    const call = new OpenedCall(frame, opening);
    calls.set(callId, call);
    call.do(() => call.open());
  }

  function on(callId: string, act: (call: OpenedCall) => void): void {
    const call = calls.get(callId);
    if (call) call.do(() => act(call));
    else if (!refused.has(callId))
      refuse(callId, new NotFoundError(`call ${callId} is not open on this link; open it before sending its inputs`));
  }

  function cancel({ callId, terminateContainers }: Extract<ClientFrame, { type: "cancel" }>): void {
    const opened = calls.get(callId);
    const act = (): Promise<void> =>
      deps.engines
        .cancelCall(opened?.callId ?? callId, { terminateContainers })
        .catch((error: unknown) => refuse(callId, error));
    if (opened) opened.do(act);
    else void act();
  }

  function watch({ callId, fromIndex }: Extract<ClientFrame, { type: "watch" }>): void {
    const opened = calls.get(callId);
    if (opened) opened.do(() => watches.start(opened.callId, fromIndex));
    else watches.start(callId, fromIndex);
  }

  function followLogs(appId: string): void {
    unfollow.get(appId)?.();
    unfollow.set(
      appId,
      deps.logs.follow(appId, (id, lines) => link.send({ type: "logs", appId: id, lines })),
    );
  }

  function refuseOpened(call: OpenedCall, error: unknown): void {
    const { openedAs } = call;
    for (const oldest of refused) {
      if (refused.size < REFUSED_REMEMBERED) break;
      refused.delete(oldest);
    }
    refused.add(openedAs);
    if (calls.get(openedAs) === call) calls.delete(openedAs);
    refuse(openedAs, error);
  }

  function refuse(callId: string, error: unknown): void {
    link.send({ type: "refused", callId, error: errorData(error) });
  }
}
