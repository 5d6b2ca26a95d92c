/** The rows of builds: what the newest build of each image was, and said. */
import { imageBuilds } from "@bellows/db/schema/image-builds";
import type { ErrorData } from "@bellows/protocol/errors";
import { and, desc, eq, lt, or } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

export type BuildRow = typeof imageBuilds.$inferSelect;

export interface BuildRows {
  save(row: BuildRow): Promise<void>;
  find(id: string): Promise<BuildRow | undefined>;
  /** Newest first, those that began at the same time by their ids; `before` is the last one of the page before. */
  newest(page: { before: Pick<BuildRow, "startedAtMs" | "id"> | null; limit: number }): Promise<BuildRow[]>;
  /** Builds that a process has left when it was killed can never end. */
  endInterrupted(error: ErrorData, nowMs: number): Promise<void>;
}

function isBefore({ startedAtMs, id }: Pick<BuildRow, "startedAtMs" | "id">) {
  const sameTime = and(eq(imageBuilds.startedAtMs, startedAtMs), lt(imageBuilds.id, id));
  return or(lt(imageBuilds.startedAtMs, startedAtMs), sameTime);
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
    newest: ({ before, limit }) =>
      db
        .select()
        .from(imageBuilds)
        .where(before === null ? undefined : isBefore(before))
        .orderBy(desc(imageBuilds.startedAtMs), desc(imageBuilds.id))
        .limit(limit),
    async endInterrupted(error, finishedAtMs) {
      await db
        .update(imageBuilds)
        .set({ state: "failed", error, finishedAtMs })
        .where(eq(imageBuilds.state, "building"));
    },
  };
}
