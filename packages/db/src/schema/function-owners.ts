/**
 * Which orchestrator holds a function's queue. Every take-over raises `epoch` by one; every journal write checks it
 * (`check_owners` in the migrations), so a stale owner cannot write.
 */
import { bigint, pgTable, uuid } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";
import { functions } from "./functions.ts";

export const functionOwners = pgTable("function_owners", {
  functionId: uuid("function_id")
    .primaryKey()
    .references(() => functions.id, { onDelete: "cascade" }),
  orchestratorId: uuid("orchestrator_id").notNull(),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
  acquiredAtMs: milliseconds("acquired_at_ms").notNull(),
});
