/** The queues that figures are compared with, as they are installed here. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Bed } from "../bed.ts";
import { startBullmq } from "./bullmq.ts";
import { startGraphile } from "./graphile-worker.ts";
import type { Peer } from "./peer.ts";
import { startPgBoss } from "./pg-boss.ts";
import { redisVersion } from "./redis.ts";
import { versionOf } from "./versions.ts";

export type PeerKey = "graphile" | "graphileAnalyzed" | "pgBoss" | "bullmq";

export interface KnownPeer {
  key: PeerKey;
  /** With its version. */
  name: string;
  start(bed: Bed): Promise<Peer>;
  /** Why it cannot be measured here, and what to do. */
  absent?: string;
}

export async function knownPeers(): Promise<KnownPeer[]> {
  const graphile = `graphile-worker ${await versionOf("graphile-worker")}`;
  const redis = redisVersion();
  const bullmq: KnownPeer = {
    key: "bullmq",
    name: `BullMQ ${await versionOf("bullmq")} on Redis ${redis ?? ""}`.trim(),
    start: async ({ folder }) => startBullmq(await mkdtemp(join(folder, "redis-"))),
  };
  return [
    { key: "graphile", name: graphile, start: ({ databaseUrl }) => startGraphile(databaseUrl, { analyzed: false }) },
    {
      key: "graphileAnalyzed",
      name: `${graphile}, table analyzed`,
      start: ({ databaseUrl }) => startGraphile(databaseUrl, { analyzed: true }),
    },
    {
      key: "pgBoss",
      name: `pg-boss ${await versionOf("pg-boss")}`,
      start: ({ databaseUrl }) => startPgBoss(databaseUrl),
    },
    redis ? bullmq : { ...bullmq, absent: "there is no redis-server on the PATH; install it (Debian: redis-server)" },
  ];
}

/** Starts it with a new database for the time of `measure`. */
export async function withPeer<T>(bed: Bed, known: KnownPeer, measure: (peer: Peer) => Promise<T>): Promise<T> {
  const peer = await known.start(bed);
  try {
    return await measure(peer);
  } finally {
    await peer.stop();
  }
}
