/** Between the server and the worker: takes messages apart and puts them together again, and opens no value. */
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { blockOf, decode, encode, type Inputs, type Outputs, readBlocks } from "./messages.ts";

const link = new WebSocket(`ws://127.0.0.1:${process.argv[2]}/agent`, { perMessageDeflate: false });
const worker = spawn(process.execPath, [fileURLToPath(new URL("worker.js", import.meta.url))], {
  stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"],
});
const commands = worker.stdio[3] as Writable;
const results = worker.stdio[4] as Readable;
/** The outputs of this turn of the event loop, which leave as one message for each call. */
let ended: Outputs[] = [];

link.on("message", (data) => commands.write(Buffer.from(blockOf(decode<Inputs>(data)))));
readBlocks(results, (body) => {
  const outputs = decode<Outputs>(body);
  const last = ended.at(-1);
  if (last?.[0] === outputs[0]) last[2].push(...outputs[2]);
  else if (ended.push(outputs) === 1) setImmediate(send);
});
link.on("close", () => commands.end());

function send(): void {
  for (const outputs of ended) link.send(encode(outputs));
  ended = [];
}
