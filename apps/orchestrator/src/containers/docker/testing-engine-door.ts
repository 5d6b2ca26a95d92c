/** A door in front of the engine's socket, for tests: everything passes while it is open, and it can be shut and opened again. */
import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface EngineDoor {
  readonly socketPath: string;
  open(): Promise<void>;
  /** Cuts what is under way, and lets nobody in. */
  shut(): Promise<void>;
  /** Shuts by itself as soon as a request whose first line matches has gone through, before its answer comes back. */
  shutAfter(request: RegExp): void;
  /** Answers requests whose first line matches with an error of the engine's own, until it is told otherwise. */
  refuse(request: RegExp | undefined): void;
  /** Resolves when it has been shut. */
  whenShut(): Promise<void>;
}

const REFUSED = JSON.stringify({ message: "driver failed" });
const REFUSAL = `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${REFUSED.length}\r\n\r\n${REFUSED}`;

export function engineDoor(socketPath: string, enginePath: string): EngineDoor {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let trap: RegExp | undefined;
  let refused: RegExp | undefined;
  const told: (() => void)[] = [];

  function pass(inside: Socket): void {
    const outside = connect(enginePath);
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
    inside.once("close", () => outside.destroy());
    outside.once("close", () => inside.destroy());
    let swallows = false;
    inside.on("data", (piece) => {
      const request = piece.toString("latin1").split("\r\n", 1)[0] ?? "";
      if (refused?.test(request)) return inside.write(REFUSAL);
      outside.write(piece);
      if (!trap?.test(request)) return;
      trap = undefined;
      swallows = true;
    });
    // The engine has answered, so it has done what it was asked for; nobody hears of it.
    outside.on("data", (piece) => (swallows ? void shut() : inside.write(piece)));
  }

  async function shut(): Promise<void> {
    const closed = new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await closed;
    rmSync(socketPath, { force: true });
    for (const tell of told.splice(0)) tell();
  }

  return {
    socketPath,
    async open() {
      const opened = createServer(pass);
      await new Promise<void>((resolve) => opened.listen(socketPath, resolve));
      server = opened;
    },
    shut,
    shutAfter(request) {
      trap = request;
    },
    refuse(request) {
      refused = request;
    },
    whenShut: () => new Promise((resolve) => told.push(resolve)),
  };
}
