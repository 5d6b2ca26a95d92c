/**
 * Whether the image of a function is there, for a function that takes no GPUs before: while its image is built, which may
 * take minutes, others can use them. One build at a time is looked at, that of the image the function has now.
 */
import { type ErrorData, errorData } from "@bellows/protocol/errors";
import { NODE_IMAGE } from "@bellows/protocol/image";
import type { FunctionRecord } from "../catalog/function-directory.ts";
import type { ContainerImage } from "../containers/driver.ts";
import { imageIdOf } from "../images/image-id.ts";

export interface Images {
  /** Resolves when containers can be made of it. */
  ready: (image: ContainerImage) => Promise<void>;
  /** It may be that it is not there any more. */
  forget: (image: ContainerImage) => void;
}

interface Deps {
  images: Images;
  driverName: string;
  record: () => FunctionRecord;
  /** A build has ended, with an error or without. */
  ended: (error: ErrorData | null) => void;
}

export class ImageGate {
  readonly #deps: Deps;
  /** What was asked for last, unless it has failed. */
  #latest: { id: string; isBuilding: boolean } | null = null;
  #named: { record: FunctionRecord; id: string } | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get isBuilding(): boolean {
    return this.#latest?.isBuilding === true && this.#latest.id === this.#id();
  }

  /** When it is not there it is being built from now on. */
  isThere(): boolean {
    if (this.#latest?.id !== this.#id()) void this.#build();
    return this.#latest?.isBuilding === false;
  }

  forget(): void {
    if (!this.isBuilding) this.#latest = null;
  }

  async #build(): Promise<void> {
    const { images, record, ended } = this.#deps;
    const image = imageOf(record());
    const asked = { id: this.#id(), isBuilding: true };
    this.#latest = asked;
    let error: ErrorData | null = null;
    try {
      await images.ready(image);
    } catch (thrown) {
      error = errorData(thrown);
    }
    // It may have been deployed with another image since.
    if (this.#latest !== asked) return;
    if (error) this.#latest = null;
    else asked.isBuilding = false;
    ended(error);
  }

  #id(): string {
    const record = this.#deps.record();
    if (this.#named?.record !== record) {
      this.#named = { record, id: imageIdOf(imageOf(record), this.#deps.driverName) };
    }
    return this.#named.id;
  }
}

export function imageOf({ settings, packages }: FunctionRecord): ContainerImage {
  return { definition: settings.image ?? NODE_IMAGE, packages };
}
