/**
 * The orchestrator's end of the agent link for tests: real HTTP, real WebSockets, every frame checked against the
 * protocol, nothing decided by itself but what a test tells it. Bundles are served from memory.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AgentFrame, type Assignment, agentFrameSchema, type CommandFrame } from "@bellows/protocol/agent-frames";
import { type Bundle, encodeBundle } from "@bellows/protocol/bundles";
import { type LifecycleHooks, NO_HOOKS } from "@bellows/protocol/definitions";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import {
  type AttemptRef,
  countItems,
  type InputItem,
  type LogItem,
  type OfCall,
  type OutputItem,
  refsOf,
} from "@bellows/protocol/frame-parts";
import { newId } from "@bellows/protocol/ids";
import type { FunctionKind } from "@bellows/protocol/states";
import { decodeValue, encodeValue } from "@bellows/protocol/values";
import { type WebSocket, WebSocketServer } from "ws";
import * as z from "zod/mini";

const framesSchema = z.array(agentFrameSchema);

/** One container as the orchestrator sees it, over all of its links. */
export class LinkedAgent {
  readonly containerId: string;
  /** Every frame received, oldest first. */
  readonly frames: AgentFrame[] = [];
  /** Whether outputs are acknowledged as they come. */
  acknowledges = true;
  links = 0;
  socket: WebSocket | undefined;
  authorization: string | undefined;
  #changed: (() => void)[] = [];

  constructor(containerId: string) {
    this.containerId = containerId;
  }

  send(...frames: CommandFrame[]): void {
    this.socket?.send(encodeFrames(frames));
  }

  /** Sends inputs of one call, `args` for each index from 0; their attempts. */
  run(...args: unknown[][]): AttemptRef[] {
    const callId = newId();
    const inputs: OfCall<InputItem>[] = [[callId, args.map((each, index): InputItem => [index, 1, encodeValue(each)])]];
    this.send({ type: "run", inputs });
    return refsOf(inputs);
  }

  /** Sends one batch of inputs of several calls, `args` for each index of each from 0; their attempts. */
  runBatch(...calls: unknown[][][]): AttemptRef[] {
    const inputs = calls.map((args): OfCall<InputItem> => {
      return [newId(), args.map((each, index): InputItem => [index, 1, encodeValue(each)])];
    });
    this.send({ type: "run", inputs });
    return refsOf(inputs);
  }

  /** Resolves when `probe` finds something; looked at again after every frame and every change of the link. */
  async until<T>(probe: () => T | undefined | false | null): Promise<T> {
    for (;;) {
      const found = probe();
      if (found !== undefined && found !== false && found !== null) return found;
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  async frame<T extends AgentFrame["type"]>(type: T): Promise<Extract<AgentFrame, { type: T }>> {
    return await this.until(() => this.framesOf(type)[0]);
  }

  framesOf<T extends AgentFrame["type"]>(type: T): Extract<AgentFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<AgentFrame, { type: T }> => frame.type === type);
  }

  outputs(): { ref: AttemptRef; item: OutputItem }[] {
    const groups = this.framesOf("outputs").flatMap((frame) => frame.outputs);
    return groups.flatMap(([callId, items]) => items.map((item) => ({ ref: [callId, item[0], item[1]], item })));
  }

  logs(): LogItem[] {
    return this.framesOf("logs").flatMap((frame) => frame.lines);
  }

  /** What one attempt has yielded, decoded, by number; values that came again count once. */
  yielded(ref: AttemptRef): unknown[] {
    const values: unknown[] = [];
    for (const frame of this.framesOf("yields")) {
      if (!sameAttempt(frame.attempt, ref)) continue;
      for (const [at, bytes] of frame.values.entries()) values[frame.firstSeq + at] = decodeValue(bytes);
    }
    return values;
  }

  /** Sends one input; its attempt. */
  runOne(...args: unknown[]): AttemptRef {
    const [ref] = this.run(args);
    if (!ref) throw new Error("one input was sent");
    return ref;
  }

  /** The end of one attempt, decoded. */
  async ended(ref: AttemptRef): Promise<{ status: number; value: unknown; startedAtMs: number; finishedAtMs: number }> {
    const { item } = await this.until(() => this.outputs().find((output) => sameAttempt(output.ref, ref)));
    const [, , status, payload, startedAtMs, finishedAtMs] = item;
    return { status, value: decodeValue(payload), startedAtMs, finishedAtMs };
  }

  async hasStarted(ref: AttemptRef): Promise<void> {
    await this.until(() => this.framesOf("started").some(({ attempts }) => attempts.some((a) => sameAttempt(a, ref))));
  }

  /** Breaks the link without a goodbye. */
  cut(): void {
    this.socket?.terminate();
  }

  changed(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

export function sameAttempt(a: AttemptRef, b: AttemptRef): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

export class LinkServer {
  readonly #server: Server = createServer((request, response) => {
    const bytes = this.#bundles.get(request.url?.replace("/bundles/", "") ?? "");
    if (bytes) this.bundleRequests += 1;
    this.requests.push({ url: request.url, authorization: request.headers.authorization });
    if (this.unavailable) response.writeHead(503).end("try again");
    else if (bytes) response.end(bytes);
    else response.writeHead(404).end("no such bundle");
  });
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #bundles = new Map<string, Uint8Array>();
  readonly #agents = new Map<string, LinkedAgent>();
  readonly #assignments = new Map<string, Assignment>();
  /** While set, links are refused as by an orchestrator that is down. */
  refuses = false;
  /** While set, no bundle is given, as by an orchestrator without its database. */
  unavailable = false;
  bundleRequests = 0;
  /** Every HTTP request, oldest first. */
  readonly requests: { url: string | undefined; authorization: string | undefined }[] = [];

  /** Listens on a free port of the loopback, or on a socket of the file system. */
  async start(socketPath?: string): Promise<void> {
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.refuses) return socket.destroy();
      const containerId = new URL(request.url ?? "", "http://localhost").searchParams.get("container") ?? "";
      this.#sockets.handleUpgrade(request, socket, head, (link) => {
        const agent = this.agent(containerId);
        agent.authorization = request.headers.authorization;
        this.#serve(agent, link);
      });
    });
    await new Promise<void>((resolve) => {
      if (socketPath === undefined) this.#server.listen(0, "127.0.0.1", resolve);
      else this.#server.listen(socketPath, resolve);
    });
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) agent.cut();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get linkUrl(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}/link/agent`;
  }

  addBundle(code: string, options: Partial<Omit<Bundle, "code">> = {}): string {
    const { bytes, hash } = encodeBundle({ code, sourceMap: "", packages: {}, modules: {}, files: {}, ...options });
    this.#bundles.set(hash, bytes);
    return hash;
  }

  /** What the container is told as soon as it links up; without one it is left waiting. */
  assign(containerId: string, assignment: Partial<Assignment> & { bundleHash: string }): LinkedAgent {
    this.#assignments.set(containerId, {
      functionId: newId(),
      functionName: "work",
      appName: "test",
      environment: "main",
      deploymentId: newId(),
      maxInputs: 1,
      batched: false,
      timeoutMs: 60_000,
      startupTimeoutMs: 60_000,
      memoryMiB: null,
      env: {},
      secrets: {},
      parameters: null,
      python: null,
      ...assignment,
    });
    return this.agent(containerId);
  }

  agent(containerId: string): LinkedAgent {
    const agent = this.#agents.get(containerId) ?? new LinkedAgent(containerId);
    this.#agents.set(containerId, agent);
    return agent;
  }

  #serve(agent: LinkedAgent, link: WebSocket): void {
    agent.socket = link;
    agent.links += 1;
    const assignment = this.#assignments.get(agent.containerId);
    if (assignment) agent.send({ type: "assign", assignment });
    link.on("message", (data: Buffer) => {
      for (const frame of framesSchema.parse(decodeFrames(data))) {
        agent.frames.push(frame);
        if (frame.type === "outputs" && agent.acknowledges) {
          agent.send({ type: "ack", seq: frame.firstSeq + countItems(frame.outputs) - 1 });
        }
      }
      agent.changed();
    });
    link.on("close", () => agent.changed());
    agent.changed();
  }
}

/** What a definition holds besides its handler. */
export interface DefinitionParts {
  kind?: FunctionKind;
  methods?: string[];
  hooks?: LifecycleHooks;
}

/** The code of a bundle whose one function is `work`. `handler` is the text of a function or class expression. */
export function bundleOf(handler: string, before = "", parts: DefinitionParts = {}): string {
  const { kind = "function", methods = [], hooks = NO_HOOKS } = parts;
  const definition = `name: undefined, settings: ${JSON.stringify({ kind, methods })}, hooks: ${JSON.stringify(hooks)}`;
  return `${before}
const handle = { [Symbol.for("bellows.definition")]: { ${definition}, handler: ${handler} } };
export const work = handle;
export const app = { [Symbol.for("bellows.app")]: { name: "test", entrypoint: undefined, functions: [handle] } };
`;
}
