/** A client of tests: speaks frames over a real socket and keeps everything that it hears. */
import { type ClientFrame, type ServerFrame, serverFrameSchema } from "@bellows/protocol/client-frames";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { newId } from "@bellows/protocol/ids";
import type { CallKind } from "@bellows/protocol/states";
import { vi } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import type { TestFunction } from "./journal/test-function.ts";

const framesSchema = z.array(serverFrameSchema);
type Output = Extract<ServerFrame, { type: "outputs" }>["outputs"][number];

export class TestClient {
  readonly socket: WebSocket;
  readonly heard: ServerFrame[] = [];
  closedWith: number | undefined;
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => this.heard.push(...framesSchema.parse(decodeFrames(data))));
    socket.on("close", (code) => {
      this.closedWith = code;
    });
  }

  static connect(url: string): Promise<TestClient> {
    const client = new TestClient(new WebSocket(url, { perMessageDeflate: false }));
    return new Promise((resolve, reject) => {
      client.socket.once("open", () => resolve(client));
      client.socket.once("error", reject);
    });
  }

  /** Sends frames as one message. */
  send(...frames: ClientFrame[]): void {
    this.socket.send(encodeFrames(frames));
  }

  sendRaw(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  cut(): void {
    this.socket.terminate();
  }

  of<T extends ServerFrame["type"]>(type: T, callId?: string): Extract<ServerFrame, { type: T }>[] {
    return this.heard.filter(
      (frame): frame is Extract<ServerFrame, { type: T }> =>
        frame.type === type && (callId === undefined || ("callId" in frame && frame.callId === callId)),
    );
  }

  outputs(callId: string): Output[] {
    return this.of("outputs", callId).flatMap(({ outputs }) => outputs);
  }

  /** The indexes that have come at least once, in order. */
  indexes(callId: string): number[] {
    return [...new Set(this.outputs(callId).map(([index]) => index))].sort((a, b) => a - b);
  }

  /** Waits for a frame of this type (about this call). */
  hears<T extends ServerFrame["type"]>(type: T, callId?: string): Promise<Extract<ServerFrame, { type: T }>> {
    return until(() => {
      const [frame] = this.of(type, callId);
      if (!frame) throw new Error(`no ${type} among ${this.heard.map((heard) => heard.type).join()}`);
      return frame;
    });
  }

  /** The answer to a read. */
  async page(callId: string, fromIndex: number, limit = 512): Promise<Extract<ServerFrame, { type: "page" }>> {
    const requestId = this.read(callId, fromIndex, limit);
    const answer = await until(() => {
      const frame = [...this.of("page"), ...this.of("readFailed")].find((found) => found.requestId === requestId);
      if (!frame) throw new Error(`no answer to read ${requestId}`);
      return frame;
    });
    if (answer.type === "readFailed") throw new Error(`the read failed: ${answer.error.message}`);
    return answer;
  }

  /** Asks for outputs and returns the number of the request. */
  read(callId: string, fromIndex: number, limit = 512): number {
    const requestId = this.#requests++;
    this.send({ type: "read", requestId, callId, fromIndex, limit });
    return requestId;
  }

  /** Reads a call to its end, and returns its outputs and how it ended. */
  async readAll(callId: string) {
    const outputs: Output[] = [];
    for (;;) {
      const page = await this.page(callId, outputs.length);
      outputs.push(...page.outputs);
      if (page.end && page.outputs.length === 0) return { outputs, end: page.end };
    }
  }

  /** Resolves when everything sent before has been served: the answer to a frame about an unknown call. */
  async served(): Promise<void> {
    const callId = newId();
    this.send({ type: "close", callId, inputCount: 0 });
    await this.hears("refused", callId);
  }
}

/** Waits until `check` passes. */
export function until<T>(check: () => T | Promise<T>, timeoutMs = 8_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 5 });
}

export function open(
  fn: TestFunction,
  kind: CallKind,
  more: Partial<Extract<ClientFrame, { type: "open" }>> = {},
): Extract<ClientFrame, { type: "open" }> {
  return {
    type: "open",
    callId: newId(),
    // A test's function is deployed in an environment of its own.
    environment: fn.environmentId,
    app: "pages",
    function: "ocr",
    pool: null,
    kind,
    inputCount: null,
    idempotencyKey: null,
    parent: null,
    resume: false,
    ...more,
  };
}

export function inputs(callId: string, firstIndex: number, count = 1): Extract<ClientFrame, { type: "inputs" }> {
  const values = Array.from({ length: count }, (_, offset) => new Uint8Array([firstIndex + offset]));
  return { type: "inputs", callId, firstIndex, values };
}

export function close(callId: string, inputCount: number): ClientFrame {
  return { type: "close", callId, inputCount };
}
