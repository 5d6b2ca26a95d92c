/**
 * The inputs of a stored chunk: their lengths as 32-bit big-endian numbers, then their bytes. Unlike a MessagePack
 * array it is written without a second copy, and one value is cut out without walking over the others.
 */
import { InternalError } from "@bellows/protocol/errors";
import type { CopyRows } from "./copy-rows.ts";

const LENGTH_BYTES = 4;

/** Writes the values as one field of a row. */
export function packInputs(rows: CopyRows, values: readonly Uint8Array[]): void {
  let byteLength = values.length * LENGTH_BYTES;
  for (const value of values) byteLength += value.byteLength;
  rows.beginBytes(byteLength);
  for (const value of values) rows.rawInt4(value.byteLength);
  for (const value of values) rows.rawBytes(value);
}

/** The values of a chunk of `count`, as views of `packed`. @throws InternalError for bytes that are no such chunk. */
export function unpackInputs(packed: Uint8Array, count: number): Uint8Array[] {
  const lengths = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const values = new Array<Uint8Array>(count);
  let offset = count * LENGTH_BYTES;
  if (offset <= packed.byteLength) {
    for (let i = 0; i < count; i++) {
      const end = offset + lengths.getUint32(i * LENGTH_BYTES);
      values[i] = packed.subarray(offset, end);
      offset = end;
    }
  }
  if (offset !== packed.byteLength) {
    throw new InternalError(
      `a stored chunk of ${count} inputs has ${packed.byteLength} bytes where ${offset} were due`,
    );
  }
  return values;
}
