/** Inputs as they arrived, up to 512 a row. `inputs` is packed: the lengths as 32-bit big-endian numbers, then the values. */
import { integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { bytea } from "./columns.ts";

export const inputChunks = pgTable(
  "input_chunks",
  {
    callId: uuid("call_id").notNull(),
    firstIndex: integer("first_index").notNull(),
    count: integer("count").notNull(),
    inputs: bytea("inputs").notNull(),
  },
  (table) => [primaryKey({ columns: [table.callId, table.firstIndex] })],
);
