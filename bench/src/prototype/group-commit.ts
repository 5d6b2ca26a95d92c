/** One row per output: whatever has piled up while one COPY was committed goes out as the next. */
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Client } from "pg";
import { from } from "pg-copy-streams";
import type { Outputs } from "./messages.ts";

export const TABLE = `create table outputs (call_id uuid not null, idx int not null, payload bytea not null,
  primary key (call_id, idx))`;
const COPY = "copy outputs (call_id, idx, payload) from stdin (format binary)";
/** https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format": signature, flags, length of the extension. */
const HEADER = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);
const ROW_BYTES = 2 + 4 + 16 + 4 + 4 + 4;

export interface GroupCommit {
  add(outputs: Outputs): void;
  /** Resolves when everything added is committed. */
  idle(): Promise<void>;
}

/** `committed` is called with the number of rows of each commit. */
export function groupCommit(client: Client, committed: (rows: number) => void): GroupCommit {
  let waiting: Outputs[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    // What this turn of the event loop still brings goes along.
    await nextTurn();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const copy = client.query(from(COPY));
      copy.end(Buffer.concat([HEADER, ...group.map(rowsOf), TRAILER]));
      await once(copy, "finish");
      committed(group.reduce((rows, [, , items]) => rows + items.length, 0));
    }
    writing = undefined;
  }

  return {
    add(outputs) {
      waiting.push(outputs);
      writing ??= writeAll();
    },
    idle: async () => writing,
  };
}

function rowsOf([callId, , items]: Outputs): Buffer {
  const id = Buffer.from(callId.replaceAll("-", ""), "hex");
  const rows = Buffer.allocUnsafe(items.reduce((bytes, [, value]) => bytes + ROW_BYTES + value.byteLength, 0));
  let at = 0;
  for (const [index, value] of items) {
    at = rows.writeInt16BE(3, at);
    at = rows.writeInt32BE(id.byteLength, at);
    at += id.copy(rows, at);
    at = rows.writeInt32BE(4, at);
    at = rows.writeInt32BE(index, at);
    at = rows.writeInt32BE(value.byteLength, at);
    rows.set(value, at);
    at += value.byteLength;
  }
  return rows;
}
