/**
 * Frames on the links: MessagePack maps with a `type`, several to a message. Values inside a frame are opaque bytes;
 * whoever only forwards them never decodes them.
 */
import { Packr, RESERVE_START_SPACE } from "msgpackr";

const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });

/** One message of a link, or one block of a pipe: a list of frames. */
export function encodeFrames(frames: readonly unknown[]): Uint8Array {
  return packr.pack(frames);
}

/** The frames of a message. Byte strings in them are views of `bytes`, not copies. */
export function decodeFrames(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

const HEADER_BYTES = 4;

/** A length-prefixed block (unsigned 32-bit big-endian length, then the frames) for the pipe to a worker. */
export function encodeBlock(frames: readonly unknown[]): Uint8Array {
  const block = packr.pack(frames, RESERVE_START_SPACE + HEADER_BYTES);
  block.writeUInt32BE(block.byteLength - HEADER_BYTES);
  return block;
}

/** Cuts a byte stream into the bodies of its blocks, whatever the sizes in which it arrives. */
export class BlockReader {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #needBytes = HEADER_BYTES;

  /** The bodies completed by this piece of the stream, in order. */
  push(piece: Uint8Array): Uint8Array[] {
    this.#pending.push(piece);
    this.#pendingBytes += piece.byteLength;
    if (this.#pendingBytes < this.#needBytes) return [];
    const bodies: Uint8Array[] = [];
    const bytes = this.#pending.length === 1 ? piece : joined(this.#pending, this.#pendingBytes);
    const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.byteLength - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + lengths.getUint32(at);
      if (bytes.byteLength < end) break;
      bodies.push(bytes.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#pending = rest.byteLength > 0 ? [rest] : [];
    this.#pendingBytes = rest.byteLength;
    this.#needBytes = HEADER_BYTES + (rest.byteLength >= HEADER_BYTES ? lengths.getUint32(at) : 0);
    return bodies;
  }
}

function joined(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}
