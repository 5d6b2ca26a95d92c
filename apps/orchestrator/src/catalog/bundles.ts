/** Bundles by content: stored under the hash of their bytes. Putting one again only says that it is needed. */
import { bundles } from "@bellows/db/schema/bundles";
import { deployments } from "@bellows/db/schema/deployments";
import { bundleHashOf, decodeBundle } from "@bellows/protocol/bundles";
import { InvalidError, NotFoundError, PayloadTooLargeError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";

/** @throws InvalidError when the bytes have another hash, or are no bundle; PayloadTooLargeError. */
export async function putBundle(
  db: NodePgDatabase,
  { hash, bytes, nowMs }: { hash: string; bytes: Uint8Array; nowMs: number },
): Promise<void> {
  if (bytes.byteLength > LIMITS.bundleBytes) throw bundleTooLarge(bytes.byteLength);
  const actual = bundleHashOf(bytes);
  if (actual !== hash) {
    throw new InvalidError(`the bundle arrived damaged: its SHA-256 is ${actual}, not ${hash}; deploy again`);
  }
  const { packages } = decodeBundle(bytes);
  // Code that nothing needed any more may be needed again: it must not be dropped before it is deployed.
  await db
    .insert(bundles)
    .values({ hash, content: bytes, packages, createdAtMs: nowMs })
    .onConflictDoUpdate({
      target: bundles.hash,
      set: { createdAtMs: sql`greatest(${bundles.createdAtMs}, ${nowMs})` },
    });
}

export async function getBundle(db: NodePgDatabase, hash: string): Promise<Uint8Array | undefined> {
  const [row] = await db.select({ content: bundles.content }).from(bundles).where(eq(bundles.hash, hash));
  return row?.content;
}

/** Undefined for one that does not exist, and for one whose code has been dropped. */
export async function bundleOfDeployment(db: NodePgDatabase, deploymentId: string): Promise<string | undefined> {
  const [row] = await db
    .select({ hash: deployments.bundleHash })
    .from(deployments)
    .where(eq(deployments.id, deploymentId));
  return row?.hash ?? undefined;
}

/** What has to be installed beside the code: name to exact version. @throws NotFoundError */
export async function packagesOfBundle(db: NodePgDatabase, hash: string): Promise<Record<string, string>> {
  const [row] = await db.select({ packages: bundles.packages }).from(bundles).where(eq(bundles.hash, hash));
  if (!row) throw new NotFoundError(`bundle ${hash} has not been uploaded; PUT its bytes to /bundles/${hash} first`);
  return row.packages;
}

export function bundleTooLarge(byteLength: number): PayloadTooLargeError {
  const max = LIMITS.bundleBytes;
  return new PayloadTooLargeError(
    `the bundle is ${byteLength.toLocaleString("en")} bytes, above the limit of ${max.toLocaleString("en")} (64 MiB); ` +
      "keep data files out of the code and read them at run time",
    { details: { limit: "bundleBytes", max, current: byteLength } },
  );
}
