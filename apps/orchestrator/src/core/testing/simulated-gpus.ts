/** What an engine does about the GPUs of its function, in a simulated world: it takes its turn in a line with others. */
import type { FunctionSettings } from "@bellows/protocol/function-options";
import { gpuRequestOf } from "@bellows/protocol/gpus";
import type { CoreEvent } from "../events.ts";
import { awaitGpus, gpuRoom, releaseGpus, takeGpus } from "../gpu-line.ts";
import type { GpuLine } from "../gpu-state.ts";

export interface GpuShare {
  line: GpuLine;
  functionId: string;
  /** Told of every device that comes free. */
  freed: () => void;
}

interface Deps {
  /** Undefined where there are no GPUs. */
  share: GpuShare | undefined;
  settings: () => FunctionSettings;
  nowMs: () => number;
}

export class Gpus {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Null where there are none, or its function wants none. */
  get #wish() {
    const { share, settings, nowMs } = this.#deps;
    const { gpu, minContainers } = settings();
    const requests = gpu?.map(gpuRequestOf);
    return share && requests
      ? { share, of: { functionId: share.functionId, requests }, minContainers, nowMs: nowMs() }
      : null;
  }

  /** What the core is told before each step. */
  changed(): CoreEvent[] {
    const wish = this.#wish;
    if (!wish) return [];
    const { share, of, minContainers, nowMs } = wish;
    const { giving, ...room } = gpuRoom(share.line, { ...of, minContainers }, nowMs);
    const among = new Set(Array.from(giving?.among ?? [], (key) => key.slice(share.functionId.length + 1)));
    return [{ type: "gpusChanged", gpus: { ...room, giving: giving && { ...giving, among } } }];
  }

  await(count: number): void {
    const wish = this.#wish;
    if (wish) awaitGpus(wish.share.line, { ...wish.of, count }, wish.nowMs);
  }

  take(containerId: string): void {
    const wish = this.#wish;
    if (!wish) return;
    const { share, of, nowMs } = wish;
    const taken = takeGpus(share.line, `${share.functionId} ${containerId}`, of, nowMs);
    if (!taken) throw new Error(`${share.functionId} starts ${containerId}, but there is no GPU for it`);
  }

  release(containerId: string): void {
    const { share } = this.#deps;
    if (share && releaseGpus(share.line, `${share.functionId} ${containerId}`)) share.freed();
  }
}
