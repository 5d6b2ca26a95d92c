/** Under what conditions the figures were measured: without them they say nothing. */
import { cpus, loadavg, release, type } from "node:os";
import type { Bed } from "./bed.ts";
import { knownPeers } from "./peers/peers.ts";

export async function conditions(bed: Bed): Promise<string> {
  const { rows } = await bed.database.query<{ server_version: string }>("show server_version");
  const cores = cpus();
  const peers = (await knownPeers()).filter(({ key }) => key !== "graphileAnalyzed").map(({ name }) => name);
  return [
    `${cores.length} cores (${cores[0]?.model.trim() ?? "unknown"}), load ${loadavg()[0]?.toFixed(1) ?? "?"} before`,
    `${type()} ${release()}, Node ${process.versions.node}, Postgres ${rows[0]?.server_version} with fsync`,
    ...peers,
  ].join("; ");
}
