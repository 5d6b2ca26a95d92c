/**
 * The bound of every durable call on this machine: the same path with no product in it. Client, server, agent and worker
 * are a process each, as with Bellows; WebSocket, WebSocket, pipe, and back; every output one committed row of Postgres.
 * No queue, no recovery, no second container, no limits, no retries; inputs are not stored.
 */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { type Answer, decode, encode, type Inputs, type Item } from "./messages.ts";

const CHUNK_INPUTS = 512;
const TURN_CHUNKS = 16;

export class Prototype {
  readonly #server: ChildProcess;
  readonly #link: WebSocket;
  #answered: (answer: Answer) => void = () => {};

  private constructor(server: ChildProcess, link: WebSocket) {
    this.#server = server;
    this.#link = link;
    link.on("message", (data) => this.#answered(decode(data)));
  }

  /** Starts its processes; `databaseUrl` is of an empty database. */
  static async start(databaseUrl: string): Promise<Prototype> {
    const server = fork(fileURLToPath(new URL("server.js", import.meta.url)), [databaseUrl]);
    const [port] = (await once(server, "message")) as [number];
    const link = new WebSocket(`ws://127.0.0.1:${port}/client`, { perMessageDeflate: false });
    await once(link, "open");
    return new Prototype(server, link);
  }

  async stop(): Promise<void> {
    const exited = once(this.#server, "exit");
    this.#link.close();
    await exited;
  }

  /** Inputs per second, from the first one sent until the last output is committed. */
  async drain(count: number): Promise<number> {
    const callId = randomUUID();
    let open = count;
    const committed = new Promise<void>((resolve) => {
      this.#answered = ([, rows]) => {
        open -= rows;
        if (open === 0) resolve();
      };
    });
    const startedAt = performance.now();
    for (let from = 0; from < count; from += CHUNK_INPUTS) {
      if (from % (CHUNK_INPUTS * TURN_CHUNKS) === 0) await nextTurn();
      const length = Math.min(CHUNK_INPUTS, count - from);
      const items = Array.from({ length }, (_, offset): Item => [from + offset, encode([null, from + offset])]);
      this.#link.send(encode([callId, false, items] satisfies Inputs));
    }
    await committed;
    return count / ((performance.now() - startedAt) / 1_000);
  }

  /** One input after the other, each from its sending to its output, in milliseconds. */
  async roundTrips(count: number): Promise<number[]> {
    const callId = randomUUID();
    const samples: number[] = [];
    for (let index = 0; index < count; index++) {
      const startedAt = performance.now();
      const answered = new Promise<void>((resolve) => {
        this.#answered = ([outputs]) => {
          if (outputs) resolve();
        };
      });
      this.#link.send(encode([callId, true, [[index, encode([])]]] satisfies Inputs));
      await answered;
      samples.push(performance.now() - startedAt);
    }
    return samples;
  }
}
