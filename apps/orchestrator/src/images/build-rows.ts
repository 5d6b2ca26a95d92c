/** The rows of builds: what the newest build of each image was, and said. */
import { imageBuilds } from "@bellows/db/schema/image-builds";
import type { ErrorData } from "@bellows/protocol/errors";
import { desc, eq, lt } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

export type BuildRow = typeof imageBuilds.$inferSelect;

export interface BuildRows {
  save(row: BuildRow): Promise<void>;
  find(id: string): Promise<BuildRow | undefined>;
  newest(page: { beforeMs: number | null; limit: number }): Promise<BuildRow[]>;
  /** Builds that a process has left when it was killed can never end. */
  endInterrupted(error: ErrorData, nowMs: number): Promise<void>;
}

export function createBuildRows(db: NodePgDatabase): BuildRows {
  return {
    async save(row) {
      await db.insert(imageBuilds).values(row).onConflictDoUpdate({ target: imageBuilds.id, set: row });
    },
    async find(id) {
      const [row] = await db.select().from(imageBuilds).where(eq(imageBuilds.id, id));
      return row;
    },
    newest: ({ beforeMs, limit }) =>
      db
        .select()
        .from(imageBuilds)
        .where(beforeMs === null ? undefined : lt(imageBuilds.startedAtMs, beforeMs))
        .orderBy(desc(imageBuilds.startedAtMs))
        .limit(limit),
    async endInterrupted(error, finishedAtMs) {
      await db
        .update(imageBuilds)
        .set({ state: "failed", error, finishedAtMs })
        .where(eq(imageBuilds.state, "building"));
    },
  };
}
