/**
 * What one function asks of the GPU desk. Kept true: it takes no device, and does not stand in the line, before its image
 * is there: while that is built, which may take minutes, the devices are of use to others.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import type { AssignedGpu } from "@bellows/protocol/gpus";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { GpuRoom } from "../core/gpu-state.ts";
import type { GpuDesk } from "./gpu-desk.ts";
import { ImageGate, type Images } from "./image-gate.ts";

const WHY_NOT_YET = "none is taken before its image is built";

interface Deps {
  desk: GpuDesk;
  images: Images;
  driverName: string;
  record: () => FunctionRecord;
  /** A build has ended, with an error or without: `awaitAgain`, and look at the room again. */
  imageEnded: (error: ErrorData | null) => void;
}

export class FunctionGpus {
  readonly #deps: Deps;
  readonly #image: ImageGate;
  /** For how many more containers the core waits. */
  #awaited = 0;
  /** What was said last while the image was built, and what it was made of. */
  #notYet: { room: GpuRoom; of: GpuRoom } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#image = new ImageGate({ ...deps, ended: deps.imageEnded });
  }

  /** What the host leaves the function; null when it wants none. The same object as long as it says the same. */
  room(): GpuRoom | null {
    const { functionId, settings } = this.#deps.record();
    const room = this.#deps.desk.room(functionId, settings.gpu, settings.minContainers);
    if (!room || room.more === Number.POSITIVE_INFINITY || !this.#image.isBuilding) return room;
    if (this.#notYet?.of !== room) this.#notYet = { room: { ...room, more: 0, why: WHY_NOT_YET }, of: room };
    return this.#notYet.room;
  }

  /** Why no container of it can ever be started here; null when one can. */
  impossible(): string | null {
    return this.#deps.desk.impossible(this.#deps.record().settings.gpu);
  }

  /** None for a function that wants none; null when there are none for it now. */
  take(containerId: string): readonly AssignedGpu[] | null {
    const { functionId, settings } = this.#deps.record();
    if (settings.gpu !== null && !this.#image.isThere()) return null;
    return this.#deps.desk.take(functionId, containerId, settings.gpu);
  }

  /** It waits for devices for so many more containers. */
  await(count: number): void {
    this.#awaited = count;
    const { functionId, settings } = this.#deps.record();
    const mayWait = count > 0 && settings.gpu !== null && this.#image.isThere();
    this.#deps.desk.await(functionId, settings.gpu, mayWait ? count : 0);
  }

  /** The core says nothing more of it while it wants as many as before. */
  awaitAgain(): void {
    if (this.#awaited > 0) this.await(this.#awaited);
  }

  /** Looks for the image again before the next start. */
  forgetImage(): void {
    this.#image.forget();
  }
}
