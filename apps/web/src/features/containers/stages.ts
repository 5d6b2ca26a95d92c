/** The stages of a cold start, in their order, each with what it is spent on. */
import type { ContainerView } from "@bellows/protocol/views";

type Timings = NonNullable<ContainerView["timings"]>;

export interface Stage {
  key: keyof Timings;
  label: string;
  ms: number;
  meaning: string;
}

const STAGES: Record<keyof Timings, { label: string; meaning: string }> = {
  createMs: { label: "Create", meaning: "the driver makes the container" },
  bootMs: { label: "Boot", meaning: "agent and worker start" },
  fetchMs: { label: "Fetch", meaning: "code and packages arrive" },
  importMs: { label: "Import", meaning: "the module is loaded" },
  enterMs: { label: "Enter", meaning: "enter hooks run" },
};
const ORDER: readonly (keyof Timings)[] = ["createMs", "bootMs", "fetchMs", "importMs", "enterMs"];

export function stagesOf(timings: Timings): Stage[] {
  return ORDER.map((key) => ({ key, ms: timings[key], ...STAGES[key] }));
}

export function totalStartMs(timings: Timings): number {
  return ORDER.reduce((sum, key) => sum + timings[key], 0);
}
