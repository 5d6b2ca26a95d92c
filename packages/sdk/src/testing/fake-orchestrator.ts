/**
 * The other end of the client link for tests: a real WebSocket server that speaks the frames and does what the test
 * says, so that cuts, duplicates and disorder happen exactly where the test wants them.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientFrame, ServerFrame } from "@bellows/protocol/client-frames";
import { clientFrameSchema } from "@bellows/protocol/client-frames";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import * as z from "zod/mini";

export type FrameOf<T extends ClientFrame["type"]> = Extract<ClientFrame, { type: T }>;
type Send = (...frames: ServerFrame[]) => void;
export type Behaviour = (frame: ClientFrame, send: Send) => void;

const framesSchema = z.array(clientFrameSchema);
export const TOKEN = "a token";

export class FakeOrchestrator {
  /** Every frame received, over all connections. */
  readonly received: ClientFrame[] = [];
  /** How many frames each message held. */
  readonly messageSizes: number[] = [];
  connections = 0;
  behaviour: Behaviour;
  url = "";
  #server: WebSocketServer | undefined;
  #http: ReturnType<typeof createServer> | undefined;
  #changed: (() => void)[] = [];

  constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
  }

  /** Listens; on the port it had before when it was stopped. */
  async start(): Promise<this> {
    const http = createServer((_, response) => response.writeHead(404).end());
    const server = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, socket, head) => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket));
    });
    const port = this.url === "" ? 0 : Number(new URL(this.url).port);
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, "127.0.0.1", resolve);
    });
    const { port: boundPort } = http.address() as AddressInfo;
    this.url = `http://127.0.0.1:${boundPort}`;
    this.#http = http;
    this.#server = server;
    return this;
  }

  /** Cuts every link without a word, as a crash does. */
  cut(): void {
    for (const client of this.#server?.clients ?? []) client.terminate();
  }

  /** Closes every link with a code, as an orchestrator that will not have this client. */
  closeAll(code: number, reason: string): void {
    for (const client of this.#server?.clients ?? []) client.close(code, reason);
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => (this.#http ? this.#http.close(resolve) : resolve(undefined)));
  }

  /** Sends on all links, unasked. */
  send(...frames: ServerFrame[]): void {
    for (const client of this.#server?.clients ?? []) client.send(encodeFrames(frames));
  }

  framesOf<T extends ClientFrame["type"]>(type: T): FrameOf<T>[] {
    return this.received.filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  /** Resolves with the first value that `look` finds, looking again whenever something has come. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  #serve(webSocket: WebSocket): void {
    this.connections += 1;
    const send: Send = (...frames) => webSocket.send(encodeFrames(frames));
    send({ type: "welcome", orchestratorId: "0", timeMs: Date.now() });
    webSocket.on("message", (data: Buffer) => {
      const frames = framesSchema.parse(decodeFrames(data));
      this.messageSizes.push(frames.length);
      for (const frame of frames) {
        this.received.push(frame);
        this.behaviour(frame, send);
      }
      this.#wake();
    });
    webSocket.on("close", () => this.#wake());
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

export type OutputTuple = Extract<ServerFrame, { type: "outputs" }>["outputs"][number];

export function succeeded(index: number, value: unknown): OutputTuple {
  return [index, OUTPUT_STATUS.succeeded, encodeValue(value), 1, null];
}

/** Answers every input at once with what `run` makes of its arguments; spawned ones are stored and not answered. */
export function answering(run: (...args: never[]) => unknown): Behaviour {
  const kinds = new Map<string, string>();
  return (frame, send) => {
    if (frame.type === "open") {
      kinds.set(frame.callId, frame.kind);
      send({ type: "opened", callId: frame.callId, existingCallId: frame.callId });
    }
    if (frame.type === "inputs") {
      const { callId, firstIndex, values } = frame;
      send({ type: "stored", callId, firstIndex, count: values.length });
      if (kinds.get(callId)?.startsWith("spawn")) return;
      const outputs = values.map((value, i) => succeeded(firstIndex + i, run(...(decodeValue(value) as never[]))));
      send({ type: "outputs", callId, outputs });
    }
    if (frame.type === "close" && kinds.get(frame.callId)?.startsWith("spawn")) send(closed(frame));
    if (frame.type === "close" && frame.inputCount === 0) send(finished(frame.callId, 0));
  };
}

export function closed({ callId, inputCount }: FrameOf<"close">): ServerFrame {
  return { type: "closed", callId, inputCount };
}

export function finished(callId: string, inputCount: number): ServerFrame {
  const counts = { succeeded: inputCount, failed: 0, cancelled: 0 };
  return { type: "finished", callId, state: "succeeded", inputCount, counts };
}
