/**
 * The shapes of what is known of the GPUs of one orchestrator's host: which container has which, and who waits. All of it
 * can be rebuilt: what containers have is in their driver's list, and who waits says so again.
 */
import type { AssignedGpu, GpuDevice, GpuRequest } from "@bellows/protocol/gpus";

export interface GpuHolder {
  readonly functionId: string;
  readonly gpus: readonly AssignedGpu[];
}

/** A function that wants devices for so many more containers. */
export interface GpuWish {
  readonly functionId: string;
  /** Tried in order. */
  readonly requests: readonly GpuRequest[];
  readonly count: number;
}

export interface WaitingForGpus extends GpuWish {
  /** Since when it has waited for this turn. */
  readonly sinceMs: number;
  /** The devices that it had then: its turn is over when it has more. What replaces a container that ended is no turn. */
  readonly had: number;
  /** Since when devices are kept for it; null while none are. */
  readonly keepingSinceMs: number | null;
  /** It has kept devices for too long: until then nothing is kept for it. */
  readonly restsUntilMs: number;
}

export interface GpuLine {
  readonly devices: readonly GpuDevice[];
  /** By container. */
  readonly holders: Map<string, GpuHolder>;
  /** Who was served longest ago, or joined so, first: the order of turns among equals (`inTurn`). */
  waiting: WaitingForGpus[];
  /** By function: so many containers are its own to keep. */
  readonly minContainers: Map<string, number>;
  /** Raised by every change, so that what was worked out from it may be kept until then. */
  version: number;
}

/** So many of these containers should end, for a function that has waited for their devices. */
export interface GpuGiving {
  readonly count: number;
  readonly among: ReadonlySet<string>;
}

/** What the GPUs of the host leave a function. */
export interface GpuRoom {
  /** For so many more containers. Infinite when the host can never meet the wish: the start says why, waiting would not help. */
  more: number;
  /** Why not for more, in words. */
  why: string;
  /** What it should give to those who have waited for long. */
  giving: GpuGiving | null;
}

export function gpuLineOf(devices: readonly GpuDevice[]): GpuLine {
  return { devices, holders: new Map(), waiting: [], minContainers: new Map(), version: 0 };
}

export function freeGpus(line: GpuLine): GpuDevice[] {
  const held = heldIds(line);
  return line.devices.filter(({ id }) => !held.has(id));
}

export function heldIds(line: GpuLine): Set<string> {
  return new Set(Array.from(line.holders.values(), ({ gpus }) => gpus.map(({ id }) => id)).flat());
}

/** By function: how many devices its containers have. */
export function devicesHeld(line: GpuLine): Map<string, number> {
  const held = new Map<string, number>();
  for (const { functionId, gpus } of line.holders.values()) {
    held.set(functionId, (held.get(functionId) ?? 0) + gpus.length);
  }
  return held;
}

/** Who has the fewest devices comes first, and of equals who has waited longer. */
export function inTurn<T extends { functionId: string }>(waiting: readonly T[], held: Map<string, number>): T[] {
  return [...waiting].sort((a, b) => (held.get(a.functionId) ?? 0) - (held.get(b.functionId) ?? 0));
}
