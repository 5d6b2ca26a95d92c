/**
 * How many random worlds the simulations run, and how one of them is run again. `BELLOWS_SIMULATIONS` runs more. A failure
 * prints the seed and the path of its world, shrunk: `BELLOWS_SIMULATION_SEED=... BELLOWS_SIMULATION_PATH=...` with the
 * name of the test (`vitest -t`) runs just that one.
 */
const { BELLOWS_SIMULATIONS, BELLOWS_SIMULATION_SEED, BELLOWS_SIMULATION_PATH } = process.env;

export const WORLDS = Number(BELLOWS_SIMULATIONS ?? 2_000);

/** Parameters of fast-check. */
export function inWorlds(count = WORLDS): { numRuns: number; seed?: number; path?: string } {
  return {
    numRuns: Math.ceil(count),
    ...(BELLOWS_SIMULATION_SEED ? { seed: Number(BELLOWS_SIMULATION_SEED) } : {}),
    ...(BELLOWS_SIMULATION_PATH ? { path: BELLOWS_SIMULATION_PATH } : {}),
  };
}
