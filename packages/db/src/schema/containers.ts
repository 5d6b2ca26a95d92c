/** Containers and where they are in their life; written by the journal only, from their moves. */
import type { StartTimings } from "@bellows/protocol/agent-frames";
import type { ErrorData } from "@bellows/protocol/errors";
import { CONTAINER_STATES, type ContainerState } from "@bellows/protocol/states";
import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const containers = pgTable(
  "containers",
  {
    id: uuid("id").primaryKey(),
    functionId: uuid("function_id").notNull(),
    deploymentId: uuid("deployment_id").notNull(),
    driver: text("driver").notNull(),
    state: text("state", { enum: CONTAINER_STATES as [ContainerState, ...ContainerState[]] }).notNull(),
    /** Null until it was ready for the first time. */
    slots: integer("slots"),
    createdAtMs: milliseconds("created_at_ms").notNull(),
    readyAtMs: milliseconds("ready_at_ms"),
    stoppedAtMs: milliseconds("stopped_at_ms"),
    timings: jsonb("timings").$type<{ createMs: number } & StartTimings>(),
    reason: text("reason"),
    error: jsonb("error").$type<ErrorData>(),
  },
  (table) => [
    index("containers_function").on(table.functionId, table.id),
    index("containers_function_state").on(table.functionId, table.state),
    index("containers_live").on(table.id).where(sql`stopped_at_ms is null`),
    index("containers_stopped").on(table.stoppedAtMs),
  ],
);
