/**
 * How fast no-op inputs of one durable call are done, each with its own output committed. Twice: from the moment the
 * client begins to send them until Postgres has the last output (it counts the intake, too), and, as with the queues
 * beside it, from a full backlog.
 */
import type { Bed } from "../bed.ts";
import { besidePeers, peerMeasures } from "../beside-peers.ts";
import { compared, type Line, median } from "../figure.ts";
import { holdContainer } from "../gate.ts";
import { newDatabase } from "../peers/new-database.ts";
import { perSecond } from "../peers/peer.ts";
import { knownPeers } from "../peers/peers.ts";
import { Prototype } from "../prototype/prototype.ts";
import { interleaved } from "../rounds.ts";
import { upTo } from "../sequence.ts";
import { checkpoint, ended, requireOutputs } from "../stored-calls.ts";

const INPUTS = 200_000;
const WARM_UP_INPUTS = 50_000;
/** Their rates do not depend on the number. */
const PEER_JOBS = 100_000;

const FROM_INTAKE = "drain of 200,000 inputs, intake included";
const FROM_BACKLOG = "drain of 200,000 stored inputs";
const PROTOTYPE = "the bare prototype";

export async function drainFigures(bed: Bed): Promise<Line[]> {
  const prototype = await Prototype.start(await newDatabase(bed.databaseUrl, "prototype"));
  try {
    await fromIntake(bed, WARM_UP_INPUTS);
    await prototype.drain(WARM_UP_INPUTS);
    const peers = await knownPeers();
    const rates = await interleaved(
      {
        [FROM_INTAKE]: () => fromIntake(bed, INPUTS),
        [FROM_BACKLOG]: () => fromBacklog(bed),
        [PROTOTYPE]: () => prototype.drain(INPUTS),
        ...peerMeasures(bed, peers, async (peer) => {
          await peer.intake(PEER_JOBS);
          await checkpoint(bed);
          return peer.drain(PEER_JOBS);
        }),
      },
      () => checkpoint(bed),
    );
    const own = (name: string) => ({ name, value: median(rates(name)), unit: "inputs/s" });
    const bound = { name: PROTOTYPE, value: median(rates(PROTOTYPE)) };
    return [
      compared(own(FROM_INTAKE), bound, "more", 0.6),
      compared(own(FROM_BACKLOG), bound, "more", 0.6),
      ...besidePeers(own(FROM_BACKLOG), peers, ({ name }) => median(rates(name)), {
        better: "more",
        goals: { graphile: 6, graphileAnalyzed: 6, bullmq: 6 },
      }),
    ];
  } finally {
    await prototype.stop();
  }
}

async function fromIntake(bed: Bed, inputs: number): Promise<number> {
  const startedAt = performance.now();
  const call = await bed.handle("noop").spawnMap(upTo(inputs));
  return rate(bed, call.id, inputs, startedAt);
}

async function fromBacklog(bed: Bed): Promise<number> {
  const letGo = await holdContainer(bed);
  const call = await bed.handle("noop").spawnMap(upTo(INPUTS));
  await checkpoint(bed);
  const startedAt = performance.now();
  await letGo();
  return rate(bed, call.id, INPUTS, startedAt);
}

async function rate(bed: Bed, callId: string, inputs: number, startedAt: number): Promise<number> {
  await ended(bed, callId);
  const value = perSecond(inputs, startedAt);
  await requireOutputs(bed, callId, inputs);
  return value;
}
