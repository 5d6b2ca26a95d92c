/** How long a caller waits for `remote()` on a warm container, one call at a time. */
import type { Bed } from "../bed.ts";
import { besidePeers, peerMeasures } from "../beside-peers.ts";
import { compared, type Line, median, percentile } from "../figure.ts";
import { bareWebSocketRoundTrips } from "../peers/bare-websocket.ts";
import { newDatabase } from "../peers/new-database.ts";
import { knownPeers } from "../peers/peers.ts";
import { Prototype } from "../prototype/prototype.ts";
import { interleaved } from "../rounds.ts";

const WARM_UP_CALLS = 2_000;
const CALLS = 3_000;
const PEER_CALLS = 1_000;
/** Half a second each. */
const PG_BOSS_CALLS = 8;

const OWN = "remote(), warm";
const SOCKET = "a bare WebSocket round trip";
const PROTOTYPE = "the bare prototype's round trip";

export async function remoteFigures(bed: Bed): Promise<Line[]> {
  const prototype = await Prototype.start(await newDatabase(bed.databaseUrl, "prototype"));
  try {
    await remotes(bed, WARM_UP_CALLS);
    await prototype.roundTrips(WARM_UP_CALLS);
    const peers = (await knownPeers()).filter(({ key }) => key !== "graphileAnalyzed");
    const samples = await interleaved({
      [OWN]: () => remotes(bed, CALLS),
      [SOCKET]: async () => (await bareWebSocketRoundTrips(WARM_UP_CALLS + CALLS)).slice(WARM_UP_CALLS),
      [PROTOTYPE]: () => prototype.roundTrips(CALLS),
      ...peerMeasures(bed, peers, (peer, { key }) => peer.latencies(key === "pgBoss" ? PG_BOSS_CALLS : PEER_CALLS)),
    });
    const middle = (name: string, share = 0.5): number =>
      median(samples(name).map((ofRound) => percentile(ofRound, share)));
    const own = { name: `${OWN}, median`, value: middle(OWN), unit: "ms" };
    const ownP99 = { name: `${OWN}, p99`, value: middle(OWN, 0.99), unit: "ms" };
    return [
      ...besidePeers(own, peers, ({ name }) => middle(name), {
        better: "less",
        // At most 1.2 times BullMQ's, from add to result; a fifth of graphile-worker's, from add to start.
        goals: { bullmq: 1 / 1.2, graphile: 5 },
      }),
      ...[SOCKET, PROTOTYPE].map((name) => compared(own, { name, value: middle(name) }, "less")),
      ...[PROTOTYPE].map((name) => compared(ownP99, { name, value: middle(name, 0.99) }, "less")),
    ];
  } finally {
    await prototype.stop();
  }
}

async function remotes(bed: Bed, count: number): Promise<number[]> {
  const noop = bed.handle("noop");
  const samples: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    const calledAt = performance.now();
    await noop.remote(turn);
    samples.push(performance.now() - calledAt);
  }
  return samples;
}
