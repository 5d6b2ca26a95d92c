/** Between the client and the agent: hands inputs on, answers with outputs, and commits them. One client, one agent. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { type WebSocket, WebSocketServer } from "ws";
import { groupCommit, TABLE } from "./group-commit.ts";
import { type Answer, decode, encode, type Inputs, type Outputs } from "./messages.ts";

const database = new Client({ connectionString: process.argv[2] });
await database.connect();
await database.query(TABLE);

let client: WebSocket | undefined;
let agent: WebSocket | undefined;
const commits = groupCommit(database, (rows) => client?.send(encode([null, rows] satisfies Answer)));

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket, { url }) => {
  if (url === "/agent") {
    agent = socket;
    socket.on("message", (data) => ended(decode(data)));
    process.send?.(portOf(server));
  } else {
    client = socket;
    socket.on("message", (data) => agent?.send(encode(decode<Inputs>(data))));
    socket.on("close", stop);
  }
});
server.on("listening", () => fork(fileURLToPath(new URL("agent.js", import.meta.url)), [String(portOf(server))]));

function ended(outputs: Outputs): void {
  const [, isAnswered, items] = outputs;
  if (isAnswered) client?.send(encode([items, 0] satisfies Answer));
  commits.add(outputs);
}

async function stop(): Promise<void> {
  agent?.close();
  server.close();
  await commits.idle();
  await database.end();
  process.disconnect?.();
}

function portOf({ address }: WebSocketServer): number {
  const listening = address.call(server);
  return typeof listening === "object" && listening ? listening.port : 0;
}
