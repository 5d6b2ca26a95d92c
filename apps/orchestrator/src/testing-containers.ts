/**
 * Containers of tests: a driver whose containers are agents in this process. An agent speaks frames over a real
 * socket and keeps the rules of a real one: it says what it holds, and offers each output until it is acknowledged.
 */
import { type AgentFrame, type CommandFrame, commandFrameSchema } from "@bellows/protocol/agent-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import { decodeFrames, encodeFrames } from "@bellows/protocol/frame-codec";
import { type AttemptRef, addOfCall, type OfCall, type OutputItem } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS, type OutputStatus } from "@bellows/protocol/states";
import { WebSocket } from "ws";
import { z } from "zod";
import type { ContainerDriver, ContainerSpec, DriverEvent, ListedContainer } from "./containers/driver.ts";

const framesSchema = z.array(commandFrameSchema);
const TIMINGS = { bootMs: 1, fetchMs: 1, importMs: 1, enterMs: 1 };

const DEVICES = ["H100", "H100", "H100", "A10G"].map((name, index) => ({ id: String(index), name, memoryMiB: null }));

type HeldInput = [callId: string, index: number, attempt: number, value: Uint8Array];

/** What an agent does with an input: the output's payload, or undefined to hold it. */
type Answer = (input: HeldInput) => Uint8Array | undefined;

export class MemoryDriver implements ContainerDriver {
  readonly name = "memory";
  readonly maxContainers = 100;
  readonly capabilities = {
    isolation: false,
    gpus: DEVICES,
    images: false,
    memoryLimit: true,
    cpuLimit: false,
    blockNetwork: false,
  };
  readonly agents = new Map<string, TestAgent>();
  /** Ids that `stop` was called for. */
  readonly stopped: string[] = [];
  /** How long each of them was given to end. */
  readonly graceMs = new Map<string, number>();
  port = 0;
  slots = 1;
  answer: Answer = ([, , , value]) => value;
  /** Agents link up by themselves. */
  links = true;
  /** The driver tells of the ends it was asked for. */
  tells = true;
  startError: Error | undefined;
  #listener: (event: DriverEvent) => void = () => {};

  standbyKey(): null {
    return null;
  }

  async buildImage(): Promise<void> {}

  async start(spec: ContainerSpec): Promise<void> {
    if (this.startError) throw this.startError;
    const agent = new TestAgent(spec, this);
    this.agents.set(spec.containerId, agent);
    if (this.links) agent.connect();
  }

  async stop(containerId: string, { graceMs }: { graceMs: number }): Promise<void> {
    this.stopped.push(containerId);
    this.graceMs.set(containerId, graceMs);
    const agent = this.agents.get(containerId);
    if (!agent) return;
    this.agents.delete(containerId);
    agent.cut();
    if (this.tells) this.#listener({ type: "exited", containerId, error: null });
  }

  async list(): Promise<ListedContainer[]> {
    return [...this.agents.values()].map(({ spec: { containerId, functionId, deploymentId, gpus } }) => ({
      containerId,
      functionId,
      deploymentId,
      handle: containerId,
      createdAtMs: Date.now() - 3_600_000,
      gpus,
    }));
  }

  onEvent(listener: (event: DriverEvent) => void): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {}

  /** The container ends by itself. */
  exit(containerId: string, error: ErrorData | null): void {
    this.agents.get(containerId)?.cut();
    this.agents.delete(containerId);
    this.#listener({ type: "exited", containerId, error });
  }

  of(functionId: string): TestAgent[] {
    return [...this.agents.values()].filter(({ spec }) => spec.functionId === functionId);
  }

  endAll(): void {
    for (const agent of this.agents.values()) agent.cut();
    this.agents.clear();
  }
}

export class TestAgent {
  readonly spec: ContainerSpec;
  readonly heard: CommandFrame[] = [];
  /** Inputs that were handed over and have no output. */
  readonly held: HeldInput[] = [];
  readonly #driver: MemoryDriver;
  /** Frames are lost on their way to it. */
  deaf = false;
  #outbox: [callId: string, item: OutputItem][] = [];
  #firstSeq = 1;
  #ready = false;
  #socket: WebSocket | undefined;

  constructor(spec: ContainerSpec, driver: MemoryDriver) {
    this.spec = spec;
    this.#driver = driver;
  }

  get containerId(): string {
    return this.spec.containerId;
  }

  /** Outputs that are not acknowledged. */
  get unacknowledged(): number {
    return this.#outbox.length;
  }

  get isLinked(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** A new link, to whatever orchestrator is there now. An old one is left as it is: nobody may know that it is dead. */
  connect(hello: { ready?: boolean } = {}): void {
    const url = `ws://127.0.0.1:${this.#driver.port}/link/agent?container=${this.containerId}`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("open", () => {
      const held = [
        ...this.held.map(([callId, index, attempt]): AttemptRef => [callId, index, attempt]),
        ...this.#outbox.map(([callId, [index, attempt]]): AttemptRef => [callId, index, attempt]),
      ];
      this.send({
        type: "hello",
        containerId: this.containerId,
        ready: hello.ready ?? this.#ready,
        draining: false,
        held,
      });
      const outputs: OfCall<OutputItem>[] = [];
      for (const [callId, item] of this.#outbox) addOfCall(outputs, callId, item);
      if (outputs.length > 0) this.send({ type: "outputs", firstSeq: this.#firstSeq, outputs });
    });
    socket.on("message", (data: Buffer) => {
      if (this.deaf || this.#socket !== socket) return;
      for (const frame of framesSchema.parse(decodeFrames(data))) this.#received(frame);
    });
  }

  cut(): void {
    this.#socket?.terminate();
  }

  send(...frames: AgentFrame[]): void {
    if (this.isLinked) this.#socket?.send(encodeFrames(frames));
  }

  /** The worker is ready. */
  ready(): void {
    this.#ready = true;
    this.send({ type: "ready", slots: this.#driver.slots, timings: TIMINGS });
  }

  /** The attempt of the first input that it holds. */
  get attempt(): AttemptRef {
    const [item] = this.held;
    if (!item) throw new Error(`container ${this.containerId} holds nothing`);
    return [item[0], item[1], item[2]];
  }

  /** Ends an input that it holds. */
  end(item: HeldInput, payload: Uint8Array, status: OutputStatus = OUTPUT_STATUS.succeeded): void {
    const [callId, index, attempt] = item;
    this.held.splice(this.held.indexOf(item), 1);
    const atMs = Date.now();
    const output: OutputItem = [index, attempt, status, payload, atMs, atMs];
    const seq = this.#firstSeq + this.#outbox.push([callId, output]) - 1;
    this.send({ type: "outputs", firstSeq: seq, outputs: [[callId, [output]]] });
  }

  #received(frame: CommandFrame): void {
    this.heard.push(frame);
    if (frame.type === "assign" && !this.#ready && this.#driver.links) this.ready();
    if (frame.type === "run") {
      for (const [callId, items] of frame.inputs) for (const item of items) this.#run([callId, ...item]);
    }
    if (frame.type === "ack") {
      const acknowledged = Math.max(0, frame.seq - this.#firstSeq + 1);
      this.#outbox = this.#outbox.slice(acknowledged);
      this.#firstSeq += acknowledged;
    }
    if (frame.type === "cancel") this.#cancelled(frame.attempts);
    if (frame.type === "recall") {
      const waiting = this.held.splice(this.#driver.slots);
      this.send({ type: "returned", attempts: waiting.map(([callId, index, attempt]) => [callId, index, attempt]) });
    }
    if (frame.type === "drain" && this.#driver.tells) this.#driver.exit(this.containerId, null);
  }

  #cancelled(attempts: readonly AttemptRef[]): void {
    for (const [callId, index, attempt] of attempts) {
      const item = this.held.find((held) => held[0] === callId && held[1] === index && held[2] === attempt);
      if (item) this.end(item, new Uint8Array(), OUTPUT_STATUS.cancelled);
    }
  }

  #run(input: HeldInput): void {
    this.held.push(input);
    const payload = this.#driver.answer(input);
    if (payload) this.end(input, payload);
  }
}
