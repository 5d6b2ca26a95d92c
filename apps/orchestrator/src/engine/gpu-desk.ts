/**
 * Where all engines of this orchestrator ask for GPUs: one line for all of them (`core/gpu-line.ts`), and word for those
 * who wait when something has changed. A container has its devices from before its start until the driver says that it
 * is gone, whoever owns its function by then.
 */
import { isDeepStrictEqual } from "node:util";
import { type AssignedGpu, type GpuDevice, gpuRequestOf, gpuRequestText } from "@bellows/protocol/gpus";
import { awaitGpus, gpuRoom, holdGpus, releaseGpus, takeGpus } from "../core/gpu-line.ts";
import { devicesHeld, type GpuHolder, type GpuLine, type GpuRoom, gpuLineOf, inTurn } from "../core/gpu-state.ts";
import { impossibleGpus } from "../core/gpus.ts";

/** What time alone changes may be known so much later. */
const ROOM_KNOWN_MS = 1_000;

/** What a function's `gpu` says; null for a function that wants none. */
type Wish = readonly string[] | null;

export interface GpusInUse {
  devices: readonly GpuDevice[];
  /** By device. */
  holders: Map<string, { containerId: string; functionId: string }>;
  /** In the order of their turns. */
  waiting: { functionId: string; gpu: readonly string[]; count: number; sinceMs: number; why: string }[];
}

export class GpuDesk {
  readonly #line: GpuLine;
  readonly #now: () => number;
  readonly #changed: (waiting: readonly string[]) => void;
  readonly #rooms = new Map<string, { room: GpuRoom; gpu: Wish; version: number; atMs: number }>();
  #telling = false;

  /** `changed` is told which functions wait, soon after something has changed for them. */
  constructor(devices: readonly GpuDevice[], now: () => number, changed: (waiting: readonly string[]) => void) {
    this.#line = gpuLineOf(devices);
    this.#now = now;
    this.#changed = changed;
  }

  /** Null for a function that wants none. The same object as long as it says the same. */
  room(functionId: string, gpu: Wish, minContainers: number): GpuRoom | null {
    if (gpu === null) return null;
    const nowMs = this.#now();
    const known = this.#rooms.get(functionId);
    const isKnown = known && known.gpu === gpu && known.version === this.#line.version;
    if (isKnown && nowMs - known.atMs < ROOM_KNOWN_MS) return known.room;
    const room = gpuRoom(this.#line, { ...wishOf(functionId, gpu), minContainers }, nowMs);
    const isSame = known && isDeepStrictEqual(known.room, room);
    const told = isSame ? known.room : room;
    this.#rooms.set(functionId, { room: told, gpu, version: this.#line.version, atMs: nowMs });
    return told;
  }

  /** Why no container of such a function can ever be started here; null when one can. */
  impossible(gpu: Wish): string | null {
    return gpu && impossibleGpus(gpu.map(gpuRequestOf), this.#line.devices);
  }

  /** None for a container that wants none; null when there are none for it now. */
  take(functionId: string, containerId: string, gpu: Wish): readonly AssignedGpu[] | null {
    if (gpu === null) return [];
    const taken = takeGpus(this.#line, containerId, wishOf(functionId, gpu), this.#now());
    if (taken) this.#tell();
    return taken;
  }

  /** A container that runs has these. */
  adopt({ containerId, functionId, gpus }: { containerId: string } & GpuHolder): void {
    holdGpus(this.#line, containerId, { functionId, gpus });
  }

  holds(containerId: string): boolean {
    return this.#line.holders.has(containerId);
  }

  /** The container is gone. */
  release(containerId: string): void {
    if (releaseGpus(this.#line, containerId)) this.#tell();
  }

  /** The function waits for devices for so many more containers. */
  await(functionId: string, gpu: Wish, count: number): void {
    const isWaiting = this.#line.waiting.some((turn) => turn.functionId === functionId);
    if (count === 0 && !isWaiting) return;
    awaitGpus(this.#line, { ...wishOf(functionId, gpu ?? []), count: gpu === null ? 0 : count }, this.#now());
    this.#tell();
  }

  /** The function is decided upon no more. Its containers keep what they have. */
  leave(functionId: string): void {
    this.await(functionId, null, 0);
    this.#rooms.delete(functionId);
    this.#line.minContainers.delete(functionId);
  }

  inUse(): GpusInUse {
    const { devices, holders, waiting } = this.#line;
    return {
      devices,
      holders: new Map(
        Array.from(holders, ([containerId, { functionId, gpus }]) =>
          gpus.map(({ id }): [string, { containerId: string; functionId: string }] => [
            id,
            { containerId, functionId },
          ]),
        ).flat(),
      ),
      waiting: inTurn(waiting, devicesHeld(this.#line)).map(({ functionId, requests, count, sinceMs }) => ({
        functionId,
        gpu: requests.map(gpuRequestText),
        count,
        sinceMs,
        why: gpuRoom(this.#line, { functionId, requests }, this.#now()).why,
      })),
    };
  }

  /** Not at once: whoever has changed something is in the middle of it. */
  #tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    setImmediate(() => {
      this.#telling = false;
      if (this.#line.waiting.length > 0) this.#changed(this.#line.waiting.map(({ functionId }) => functionId));
    });
  }
}

function wishOf(functionId: string, gpu: readonly string[]) {
  return { functionId, requests: gpu.map(gpuRequestOf) };
}
