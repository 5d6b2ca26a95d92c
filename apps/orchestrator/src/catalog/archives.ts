/** Archives of users' files by content, for the images that name them. Putting one again only says that it is needed. */
import { createHash } from "node:crypto";
import { archives } from "@bellows/db/schema/archives";
import { InvalidError, NotFoundError, PayloadTooLargeError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

/** @throws InvalidError when the bytes have another hash; PayloadTooLargeError. */
export async function putArchive(
  db: NodePgDatabase,
  { hash, bytes, nowMs }: { hash: string; bytes: Uint8Array; nowMs: number },
): Promise<void> {
  if (bytes.byteLength > LIMITS.bundleBytes) throw archiveTooLarge(bytes.byteLength);
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== hash) {
    throw new InvalidError(`the archive arrived damaged: its SHA-256 is ${actual}, not ${hash}; deploy again`);
  }
  await db
    .insert(archives)
    .values({ hash, content: bytes, createdAtMs: nowMs })
    .onConflictDoUpdate({
      target: archives.hash,
      set: { createdAtMs: sql`greatest(${archives.createdAtMs}, ${nowMs})` },
    });
}

/** @throws NotFoundError */
export async function getArchive(db: NodePgDatabase, hash: string): Promise<Uint8Array> {
  const [row] = await db.select({ content: archives.content }).from(archives).where(eq(archives.hash, hash));
  if (!row) throw new NotFoundError(`the files that an image copies are not stored (${hash}); deploy the app again`);
  return row.content;
}

export function archiveTooLarge(byteLength: number): PayloadTooLargeError {
  const max = LIMITS.bundleBytes;
  return new PayloadTooLargeError(
    `the files of an image are ${byteLength.toLocaleString("en")} bytes packed, above the limit of ${max.toLocaleString("en")} (64 MiB); ` +
      "copy less, or fetch them with run(...)",
    { details: { limit: "archiveBytes", max, current: byteLength } },
  );
}
