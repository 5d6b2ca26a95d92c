/** How fast inputs of one durable call are stored while its only container is busy. */
import type { Bed } from "../bed.ts";
import { besidePeers, peerMeasures } from "../beside-peers.ts";
import { type Line, median } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { perSecond } from "../peers/peer.ts";
import { knownPeers } from "../peers/peers.ts";
import { interleaved } from "../rounds.ts";
import { upTo } from "../sequence.ts";
import { checkpoint, ended, requireInputs } from "../stored-calls.ts";

const INPUTS = 1_000_000;
/** Their rates do not depend on the number. */
const PEER_JOBS = 100_000;
const OWN = "intake of 1,000,000 inputs, spawnMap";

export async function intakeFigures(bed: Bed): Promise<Line[]> {
  const peers = (await knownPeers()).filter(({ key }) => key !== "graphileAnalyzed");
  const rates = await interleaved(
    {
      [OWN]: () => spawnMap(bed),
      ...peerMeasures(bed, peers, (peer) => peer.intake(PEER_JOBS)),
    },
    () => checkpoint(bed),
  );
  const own = { name: OWN, value: median(rates(OWN)), unit: "inputs/s" };
  return besidePeers(own, peers, ({ name }) => median(rates(name)), { better: "more", goals: { graphile: 10 } });
}

async function spawnMap(bed: Bed): Promise<number> {
  const letGo = await holdContainer(bed);
  const startedAt = performance.now();
  const call = await bed.handle("noop").spawnMap(upTo(INPUTS));
  const rate = perSecond(INPUTS, startedAt);
  await requireInputs(bed, call.id, INPUTS);
  await call.cancel();
  await letGo();
  await ended(bed, call.id);
  return rate;
}
