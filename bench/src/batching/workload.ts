/** Loads for what is batched: arrivals at random, and several at once. */
import { randomOf } from "@bellows/orchestrator/seeded-random";

export interface Load {
  name: string;
  /** In milliseconds from the start. */
  atMs: number[];
}

/** At random (Poisson), so many a second on average. */
export function poisson(perSecond: number, seconds: number, seed = perSecond): Load {
  const random = randomOf(seed);
  const atMs: number[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - random.next()) * 1_000) / perSecond;
    if (at >= seconds * 1_000) return { name: `${perSecond} a second`, atMs };
    atMs.push(at);
  }
}

/** Several callers at once, and nothing between. */
export function bursts(size: number, everyMs: number, seconds: number): Load {
  const count = Math.floor((seconds * 1_000) / everyMs);
  // A few microseconds apart, as they come over a link.
  const atMs = Array.from({ length: count }, (_, burst) =>
    Array.from({ length: size }, (_, at) => burst * everyMs + at * 0.2),
  );
  return { name: `${size} at once, every ${everyMs / 1_000} s`, atMs: atMs.flat() };
}
