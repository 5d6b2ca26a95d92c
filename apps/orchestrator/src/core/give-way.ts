/** Ends containers whose GPUs somebody has waited for long enough; `gpu-giving.ts` says how many. Idle ones go first. */
import type { Effect } from "./events.ts";
import { GIVE_WAY_MS } from "./gpu-giving.ts";
import { capacity } from "./slots.ts";
import type { FunctionCore } from "./state.ts";
import { retire } from "./victims.ts";

const REASON = "another function has waited for its GPU";

export function giveWay(core: FunctionCore, nowMs: number, effects: Effect[]): void {
  const giving = core.gpus?.giving;
  if (!giving || core.recovering) return;
  const own = [...core.containers.values()].filter(({ id }) => giving.among.has(id));
  const isEnding = own.filter(({ state }) => state === "draining").length;
  const spare = capacity(core) - core.settings.minContainers;
  const chosen = own
    .filter(({ state, readyAtMs }) => state === "ready" && nowMs - readyAtMs >= GIVE_WAY_MS)
    .sort((a, b) => a.holds.length - b.holds.length)
    .slice(0, Math.max(0, Math.min(giving.count - isEnding, spare)));
  for (const container of chosen) retire(core, container, REASON, effects);
}
