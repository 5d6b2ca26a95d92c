/** The newest build of each image, with what it said; written by the orchestrator that builds it. */
import type { ErrorData } from "@bellows/protocol/errors";
import type { ImageDefinition } from "@bellows/protocol/image";
import { IMAGE_STATES, type ImageState } from "@bellows/protocol/states";
import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { milliseconds } from "./columns.ts";

export const imageBuilds = pgTable(
  "image_builds",
  {
    /** The hash of driver, definition and packages. */
    id: text("id").primaryKey(),
    driver: text("driver").notNull(),
    definition: jsonb("definition").$type<ImageDefinition>().notNull(),
    /** Of the code: name to exact version. */
    packages: jsonb("packages").$type<Record<string, string>>().notNull(),
    state: text("state", { enum: IMAGE_STATES as [ImageState, ...ImageState[]] }).notNull(),
    log: text("log").notNull(),
    error: jsonb("error").$type<ErrorData>(),
    startedAtMs: milliseconds("started_at_ms").notNull(),
    finishedAtMs: milliseconds("finished_at_ms"),
  },
  (table) => [index("image_builds_started").on(table.startedAtMs)],
);
