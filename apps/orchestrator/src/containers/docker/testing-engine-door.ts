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
  /** Resolves when it has been shut. */
  whenShut(): Promise<void>;
}

export function engineDoor(socketPath: string, enginePath: string): EngineDoor {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let trap: RegExp | undefined;
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
      outside.write(piece);
      if (!trap?.test(piece.toString("latin1").split("\r\n", 1)[0] ?? "")) return;
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
    whenShut: () => new Promise((resolve) => told.push(resolve)),
  };
}
