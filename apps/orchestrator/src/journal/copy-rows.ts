/**
 * Rows in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"): the
 * fastest way in that Postgres has. Values are copied once, into the bytes that go to the socket, and never decoded.
 * One object is used over and over by one writer; `finish` hands out a view that is good until `clear`.
 */
const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
/** Signature, flags, length of the header extension. */
const HEADER_BYTES = SIGNATURE.length + 8;
const START_BYTES = 64 * 1024;
/** A buffer that one huge group has made bigger than this is given back. */
const KEEP_BYTES = 8 * 1024 * 1024;
const TWO_TO_32 = 2 ** 32;

/** The value of a hexadecimal digit by its character code. */
const NIBBLES = new Uint8Array(128);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  NIBBLES[digit.charCodeAt(0)] = value;
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value;
}
/** Where the sixteen pairs of digits of a UUID's text begin. */
const UUID_PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

export class CopyRows {
  #bytes = Buffer.allocUnsafe(0);
  #view = new DataView(new ArrayBuffer(0));
  #end = 0;
  #rows = 0;

  get rowCount(): number {
    return this.#rows;
  }

  /** Begins a row; as many fields have to follow. */
  row(fields: number): void {
    if (this.#rows === 0) this.#writeHeader();
    this.#rows += 1;
    this.#reserve(2);
    this.#view.setInt16(this.#end, fields);
    this.#end += 2;
  }

  null(): void {
    this.#reserve(4);
    this.#view.setInt32(this.#end, -1);
    this.#end += 4;
  }

  int2(value: number): void {
    this.#reserve(6);
    this.#view.setInt32(this.#end, 2);
    this.#view.setInt16(this.#end + 4, value);
    this.#end += 6;
  }

  int4(value: number): void {
    this.#reserve(8);
    this.#view.setInt32(this.#end, 4);
    this.#view.setInt32(this.#end + 4, value);
    this.#end += 8;
  }

  /** A whole number within ±2^53 as a `bigint`, without making a JavaScript BigInt. */
  int8(value: number): void {
    this.#reserve(12);
    this.#view.setInt32(this.#end, 8);
    this.#view.setInt32(this.#end + 4, Math.floor(value / TWO_TO_32));
    this.#view.setInt32(this.#end + 8, value | 0);
    this.#end += 12;
  }

  uuid(id: string): void {
    this.#reserve(20);
    this.#view.setInt32(this.#end, 16);
    let at = this.#end + 4;
    for (const pair of UUID_PAIRS) {
      const high = NIBBLES[id.charCodeAt(pair)] ?? 0;
      const low = NIBBLES[id.charCodeAt(pair + 1)] ?? 0;
      this.#bytes[at] = (high << 4) | low;
      at += 1;
    }
    this.#end = at;
  }

  bytes(value: Uint8Array): void {
    this.beginBytes(value.byteLength);
    this.rawBytes(value);
  }

  text(value: string): void {
    const byteLength = Buffer.byteLength(value);
    this.beginBytes(byteLength);
    this.#bytes.write(value, this.#end);
    this.#end += byteLength;
  }

  /** Begins a field that is written in parts of `byteLength` bytes together. */
  beginBytes(byteLength: number): void {
    this.#reserve(4 + byteLength);
    this.#view.setInt32(this.#end, byteLength);
    this.#end += 4;
  }

  rawInt4(value: number): void {
    this.#view.setInt32(this.#end, value);
    this.#end += 4;
  }

  rawBytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#end);
    this.#end += value.byteLength;
  }

  /** Everything since `clear`, header and trailer included. */
  finish(): Uint8Array {
    this.#reserve(2);
    this.#view.setInt16(this.#end, -1);
    return this.#bytes.subarray(0, this.#end + 2);
  }

  clear(): void {
    this.#end = 0;
    this.#rows = 0;
    if (this.#bytes.length > KEEP_BYTES) this.#use(Buffer.allocUnsafe(0));
  }

  #writeHeader(): void {
    this.#reserve(HEADER_BYTES);
    this.#bytes.set(SIGNATURE, 0);
    this.#bytes.fill(0, SIGNATURE.length, HEADER_BYTES);
    this.#end = HEADER_BYTES;
  }

  #reserve(byteLength: number): void {
    if (this.#end + byteLength <= this.#bytes.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(START_BYTES, this.#bytes.length * 2, this.#end + byteLength));
    bigger.set(this.#bytes.subarray(0, this.#end));
    this.#use(bigger);
  }

  #use(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
