/** What travels in the prototype: lists in MessagePack, whole messages on a WebSocket, length-prefixed ones on a pipe. */
import { Packr } from "msgpackr";
import type { RawData } from "ws";

/** Encoded arguments on the way there, an encoded result on the way back. */
export type Item = [index: number, value: Uint8Array];
/** Of one call: `isAnswered` when the client waits for its outputs and not only for their commit. */
export type Inputs = [callId: string, isAnswered: boolean, items: Item[]];
export type Outputs = Inputs;
/** To the client: outputs it waits for, or how many have been committed. */
export type Answer = [outputs: Item[] | null, committed: number];

const packr = new Packr({ useRecords: false });
export const encode = (value: unknown): Buffer => packr.pack(value);
/** A message of `ws` is a Buffer, whatever its type allows. */
export const decode = <T>(bytes: RawData | Uint8Array): T => packr.unpack(bytes as Uint8Array);

const HEADER_BYTES = 4;
const scratch = Buffer.allocUnsafe(1024 * 1024);

/** A block for a pipe, good until the next one is made. */
export function blockOf(message: unknown): Uint8Array {
  const body = encode(message);
  scratch.writeUInt32BE(body.byteLength);
  scratch.set(body, HEADER_BYTES);
  return scratch.subarray(0, HEADER_BYTES + body.byteLength);
}

/** Calls `received` with each whole message of a pipe. */
export function readBlocks(pipe: NodeJS.ReadableStream, received: (body: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  pipe.on("data", (piece: Buffer) => {
    rest = rest.byteLength === 0 ? piece : Buffer.concat([rest, piece]);
    let at = 0;
    while (rest.byteLength - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + rest.readUInt32BE(at);
      if (rest.byteLength < end) break;
      received(rest.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    rest = rest.subarray(at);
  });
}
