/** A figure of ours beside the same figure of every peer. */
import type { Bed } from "./bed.ts";
import { compared, type Line } from "./figure.ts";
import type { Peer } from "./peers/peer.ts";
import { type KnownPeer, type PeerKey, withPeer } from "./peers/peers.ts";
import type { Measures } from "./rounds.ts";

export interface Comparison {
  better: "more" | "less";
  /** How many times better than it ours is to be. */
  goals: Partial<Record<PeerKey, number>>;
}

export function peerMeasures<T>(
  bed: Bed,
  peers: readonly KnownPeer[],
  measure: (peer: Peer, known: KnownPeer) => Promise<T>,
): Measures<T> {
  const present = peers.filter(({ absent }) => absent === undefined);
  return Object.fromEntries(
    present.map((known) => [known.name, () => withPeer(bed, known, (peer) => measure(peer, known))]),
  );
}

export function besidePeers(
  own: { name: string; value: number; unit: string },
  peers: readonly KnownPeer[],
  peerValue: (peer: KnownPeer) => number,
  { better, goals }: Comparison,
): Line[] {
  return peers.map((peer) =>
    peer.absent === undefined
      ? compared(own, { name: peer.name, value: peerValue(peer) }, better, goals[peer.key])
      : { name: own.name, leftOut: `${peer.name}: ${peer.absent}` },
  );
}
