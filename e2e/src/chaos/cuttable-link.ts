/** A way to the orchestrator that can be cut: everything that connects through it loses its connections at once. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface CuttableLink {
  port: number;
  /** Where connections are passed on to, on this machine; refused before it is set. */
  target: number | undefined;
  /** How many connections it has cut. */
  cut(): number;
  close(): Promise<void>;
}

export async function openCuttableLink(): Promise<CuttableLink> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (link.target === undefined) return near.destroy();
    const far = connect(link.target, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const link: CuttableLink = {
    port: typeof address === "object" && address ? address.port : 0,
    target: undefined,
    cut() {
      const open = sockets.size;
      for (const socket of sockets) socket.destroy();
      return open;
    },
    async close() {
      link.cut();
      server.close();
      await once(server, "close");
    },
  };
  return link;
}
