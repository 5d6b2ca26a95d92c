/**
 * Runs a function that does nothing, one input after the other. Each output is out of this process before the next input
 * begins, as it has to be where anybody wants to know which input a process died of.
 */
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { blockOf, decode, encode, type Inputs, type Outputs, readBlocks } from "./messages.ts";

const commands = new Socket({ fd: 3, readable: true, writable: false });
const handler = async (..._args: unknown[]): Promise<void> => {};

let last: Promise<void> = Promise.resolve();
readBlocks(commands, (body) => {
  const inputs = decode<Inputs>(body);
  last = last.then(() => run(inputs));
});
commands.on("close", () => process.exit(0));

async function run([callId, isAnswered, items]: Inputs): Promise<void> {
  for (const [index, args] of items) {
    const result = encode(await handler(...decode<unknown[]>(args)));
    write(blockOf([callId, isAnswered, [[index, result]]] satisfies Outputs));
  }
}

function write(block: Uint8Array): void {
  for (let written = 0; written < block.byteLength; ) {
    try {
      written += writeSync(4, block, written);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
  }
}
