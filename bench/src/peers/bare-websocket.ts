/** The bound of any round trip on this machine: a WebSocket echo between two processes, nothing else in it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocket, WebSocketServer } from "ws";

/** Round trips one after another, in milliseconds each. */
export async function bareWebSocketRoundTrips(count: number): Promise<number[]> {
  const echo = fork(fileURLToPath(import.meta.url), ["echo"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [port] = (await once(echo, "message")) as [number];
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, "open");
  const samples: number[] = [];
  const payload = new Uint8Array(64);
  for (let turn = 0; turn < count; turn++) {
    const startedAt = performance.now();
    socket.send(payload);
    await once(socket, "message");
    samples.push(performance.now() - startedAt);
  }
  socket.close();
  echo.kill();
  return samples;
}

function serveEcho(): void {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  server.on("listening", () => {
    const address = server.address();
    if (typeof address === "object" && address) process.send?.(address.port);
  });
}

if (process.argv[2] === "echo") serveEcho();
