/**
 * The orchestrator's end of a client's link: frames open calls, add inputs and read outputs on the engine of their
 * function. Everything a client sends may come twice (it reconnected); calls are known by id, inputs by index. What
 * is kept here goes with its call, or with the link. A container calls as itself, and sees its own environment only.
 */
import { type ClientFrame, clientFrameSchema, type ServerFrame } from "@bellows/protocol/client-frames";
import { ContainerCrashedError, errorData, NotFoundError } from "@bellows/protocol/errors";
import type { WebSocket } from "ws";
import { z } from "zod";
import type { CallListener } from "../engine/call-listener.ts";
import type { EngineRegistry } from "../engine/engine-registry.ts";
import type { FactReader } from "../journal/facts.ts";
import type { Logger } from "../telemetry/logger.ts";
import { backPressure } from "./back-pressure.ts";
import { CLOSE_INTERNAL_ERROR, type FrameSocket, frameSocket } from "./frame-socket.ts";
import type { LinkCaller } from "./link-caller.ts";
import { linkReads } from "./link-reads.ts";
import { linkWatches } from "./link-watches.ts";
import type { LogHub } from "./log-hub.ts";
import { OpenedCall } from "./opened-call.ts";
import { outgoing } from "./outgoing.ts";

const framesSchema = z.array(clientFrameSchema);
/** Refused calls that are remembered, so that what was on its way for them is dropped without another word. */
const REFUSED_REMEMBERED = 1_024;

export interface ClientLinkDeps {
  engines: EngineRegistry;
  reader: Pick<FactReader, "outputs">;
  /** Resolves when everything that was said so far is in Postgres. */
  committed: () => Promise<void>;
  logs: LogHub;
  /** Keeps an ephemeral app while the link lives. */
  holds: { hold(appId: string, linkId: string): void; release(linkId: string): void };
  orchestratorId: string;
  pendingBytes: () => number;
  now: () => number;
  log: Logger;
}

/** Serves one client until its link closes. */
export function serveClient(socket: WebSocket, caller: LinkCaller, deps: ClientLinkDeps): void {
  const { linkId, principal, scope } = caller;
  const { engines, reader, committed, logs, holds, now, log } = deps;
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
      out.stop();
      reads.stopAll();
      watches.stopAll();
      for (const call of calls.values()) call.leave();
      for (const stop of unfollow.values()) stop();
      holds.release(linkId);
    },
    failed: (err) => log.error({ err, linkId }, "a client's frame could not be served"),
  });
  const pressure = backPressure(link, deps.pendingBytes);
  const out = outgoing({
    link,
    reader,
    committed,
    resendYields: (callId) => engines.resendYields(callId),
    over: (callId) => void calls.delete(callId),
    failed(err) {
      log.warn({ err, linkId }, "outputs for a slow client could not be read; it has to come back for them");
      link.close(CLOSE_INTERNAL_ERROR, "outputs could not be read; ask again");
    },
  });
  const listener: CallListener = out;
  const reads = linkReads(engines, link, scope);
  const watches = linkWatches({ engines, scope, target: listener, refused: refuse, room: link.room });
  const opening = { engines, now, link, listener, caller, refused: refuseOpened, later: holdUp };

  link.send({ type: "welcome", orchestratorId: deps.orchestratorId, timeMs: now() });

  function receive(frame: ClientFrame): void {
    switch (frame.type) {
      case "open":
        return open(frame);
      case "inputs":
        return on(frame.callId, (call) => call.addInputs(frame.firstIndex, frame.values));
      case "close":
        return on(frame.callId, (call) => {
          call.close(frame.inputCount);
          // An async call has nothing more to say here; its outputs are for who reads them.
          if (call.isDone && calls.get(frame.callId) === call) calls.delete(frame.callId);
        });
      case "cancel":
        return cancel(frame);
      case "watch":
        return watch(frame);
      case "read":
        return read(frame);
      case "unread":
        return reads.stop(frame.requestId);
      case "take":
        return take(frame);
      // The life of an app and its logs are not its containers' business.
      case "hold":
        return principal.kind === "container" ? undefined : holds.hold(frame.appId, linkId);
      case "followLogs":
        return principal.kind === "container" ? undefined : followLogs(frame.appId);
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
    if (opened?.cancelOpening()) return;
    const act = async (): Promise<void> => {
      // A key led to another caller's call: that one is not for this link to end by giving up.
      if (opened && opened.callId !== opened.openedAs) return;
      await engines.cancelCall(callId, { terminateContainers, scope }).catch((error: unknown) => refuse(callId, error));
    };
    if (opened) opened.do(act);
    else if (!refused.has(callId)) void act();
  }

  /** From now on the watch tells of the call, its end included, and nothing else does. */
  function watch({ callId, fromIndex }: Extract<ClientFrame, { type: "watch" }>): void {
    const opened = calls.get(callId);
    if (!opened) return watches.start(callId, fromIndex);
    opened.do(() => {
      opened.unlisten();
      watches.start(opened.callId, fromIndex);
    });
  }

  /** Of a call that is being opened here it waits until there is one to read. */
  function read(frame: Extract<ClientFrame, { type: "read" }>): void {
    const opened = calls.get(frame.callId);
    if (opened) opened.do(() => reads.start({ ...frame, callId: opened.callId }));
    else reads.start(frame);
  }

  function take({ callId, received, resend }: Extract<ClientFrame, { type: "take" }>): void {
    const act = (): void => {
      if (resend) out.expects(callId, received);
      if (engines.take(callId, { received, resend, scope }, out)) return;
      const text = `the values of call ${callId} that had not arrived are not kept any more; call it again`;
      refuse(callId, new ContainerCrashedError(text));
    };
    const opened = calls.get(callId);
    if (opened) opened.do(act);
    else act();
  }

  function followLogs(appId: string): void {
    unfollow.get(appId)?.();
    unfollow.set(
      appId,
      logs.follow(appId, (id, lines) => out.logs(id, lines)),
    );
  }

  function refuseOpened(call: OpenedCall, error: unknown): void {
    forget(call);
    refuse(call.openedAs, error);
  }

  function holdUp(call: OpenedCall, frame: Extract<ServerFrame, { type: "later" }>): void {
    if (frame.fromIndex === null) forget(call);
    link.send(frame);
  }

  /** What is still on its way for it is dropped. */
  function forget(call: OpenedCall): void {
    const { openedAs } = call;
    for (const oldest of refused) {
      if (refused.size < REFUSED_REMEMBERED) break;
      refused.delete(oldest);
    }
    refused.add(openedAs);
    if (calls.get(openedAs) === call) calls.delete(openedAs);
  }

  function refuse(callId: string, error: unknown): void {
    link.send({ type: "refused", callId, error: errorData(error) });
  }
}
