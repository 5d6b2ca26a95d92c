/**
 * A door to the orchestrator for what runs in this container: a port on the container's own loopback, which leads to the
 * Unix socket that the driver has mounted. It is there without any network. Whoever goes through it still has to show
 * the container's token.
 */
import { connect, createServer } from "node:net";

/** Resolves with the URL of the door. @throws Error when the loopback cannot be listened on. */
export function openDoor(socketPath: string): Promise<string> {
  const server = createServer((inside) => {
    const outside = connect(socketPath);
    inside.on("error", () => outside.destroy());
    outside.on("error", () => inside.destroy());
    inside.on("close", () => outside.destroy());
    outside.on("close", () => inside.destroy());
    inside.pipe(outside).pipe(inside);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
    });
    server.unref();
  });
}
