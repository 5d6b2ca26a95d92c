/** A client and the server that it calls, fresh for each test, and what tests of the verbs do with them. */
import { remoteErrorData } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { afterEach, beforeEach } from "vitest";
import { Bellows } from "../bellows.ts";
import type { FrameOf, OutputTuple } from "./fake-orchestrator.ts";
import { answering, closed, FakeOrchestrator, TOKEN } from "./fake-orchestrator.ts";

interface DoubleHandle {
  remote(n: number): Promise<number>;
}

export const double = (n: number) => n * 2;
export const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

export interface DoubleServer {
  server: FakeOrchestrator;
  bellows: Bellows;
}

/** Answers calls of `double` at once, until the test says otherwise. */
export function doubleServer(): DoubleServer {
  const server = new FakeOrchestrator(answering(double));
  const here: DoubleServer = { server, bellows: new Bellows() };
  beforeEach(async () => {
    here.server = await new FakeOrchestrator(answering(double)).start();
    here.bellows = new Bellows({ url: here.server.url, token: TOKEN });
  });
  afterEach(async () => {
    await here.bellows.close();
    await here.server.stop();
  });
  return here;
}

export function doubleFunction({ bellows }: DoubleServer) {
  return bellows.functions.fromName<DoubleHandle>("math", "double");
}

/** Holds back the outputs of every input until the test sends them; everything is stored at once. */
export function holdBack({ server }: DoubleServer): void {
  server.behaviour = (frame, send) => {
    if (frame.type === "open") send({ type: "opened", callId: frame.callId, existingCallId: frame.callId });
    if (frame.type === "inputs")
      send({ type: "stored", callId: frame.callId, firstIndex: frame.firstIndex, count: frame.values.length });
    if (frame.type === "close") send(closed(frame));
  };
}

export function firstOpen({ server }: DoubleServer): Promise<FrameOf<"open">> {
  return server.until(() => server.framesOf("open")[0]);
}

export function inputCount({ server }: DoubleServer): number {
  return server.framesOf("inputs").reduce((count, frame) => count + frame.values.length, 0);
}

export function sendOutputs({ server }: DoubleServer, callId: string, outputs: OutputTuple[]): void {
  server.send({ type: "outputs", callId, outputs });
}

export function failed(index: number, thrown: unknown): OutputTuple {
  return [index, OUTPUT_STATUS.failed, encodeValue(remoteErrorData(thrown)), 3, newId()];
}
