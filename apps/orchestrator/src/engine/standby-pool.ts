/**
 * Containers that are booted and have no function yet. One is given to the first engine that wants a container of its image,
 * once: it is that function's until it ends. Nothing of it is stored before; what a killed orchestrator has left of them
 * is ended by the next one.
 */
import { errorData } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { NODE_IMAGE } from "@bellows/protocol/image";
import type { StandbyView } from "@bellows/protocol/views";
import type { ContainerDriver, ContainerImage } from "../containers/driver.ts";
import { type ImageUse, standbyTargets } from "../core/standby.ts";
import type { Logger } from "../telemetry/logger.ts";

/** After one is taken the next is started when the work that it was taken for has had a moment alone. */
const REFILL_MS = 1_000;
/** How often images that nobody wants any more are looked for. */
const LOOK_MS = 30_000;
const STOP_GRACE_MS = 2_000;
/** A start that fails is not tried again for so long. */
const FAILURE_PAUSE_MS = 60_000;

export interface StandbyDeps {
  driver: Pick<ContainerDriver, "start" | "stop" | "standbyKey">;
  images: { ready: (image: ContainerImage) => Promise<void> };
  linkUrl: string;
  containerToken: (containerId: string) => string;
  /** How many there may be on this host; 0: none. */
  budget: number;
  now: () => number;
  log: Logger;
}

interface Standby {
  containerId: string;
  key: string;
  image: ContainerImage;
  createdAtMs: number;
  memoryBytes: number | null;
  /** Gives its link to the engine that has it now; null while it has none. */
  hand: (() => void) | null;
}

export interface ClaimedStandby {
  containerId: string;
  /** To be called when the engine knows the container. */
  hand: () => void;
}

export class StandbyPool {
  readonly #deps: StandbyDeps;
  readonly #containers = new Map<string, Standby>();
  readonly #uses = new Map<string, ImageUse & { image: ContainerImage }>();
  #pausedUntilMs = 0;
  #stopped = true;
  #refill: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(deps: StandbyDeps) {
    this.#deps = deps;
  }

  /** The default image is wanted from the beginning on. */
  start(): void {
    if (this.#deps.budget === 0 || !this.#stopped) return;
    this.#stopped = false;
    this.#used({ definition: NODE_IMAGE, packages: {} });
    this.#look = setInterval(() => this.#balance(), LOOK_MS);
    this.#refillSoon();
  }

  /** Those that nobody has taken end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#refill);
    clearInterval(this.#look);
    await Promise.all([...this.#containers.keys()].map((containerId) => this.#end(containerId)));
  }

  /** One of this image that is linked up, which is no longer in the pool; undefined when there is none. */
  claim(image: ContainerImage): ClaimedStandby | undefined {
    const key = this.#deps.driver.standbyKey(image);
    if (key === null || this.#stopped) return undefined;
    this.#used(image);
    this.#refillSoon();
    for (const { containerId, key: its, hand } of this.#containers.values()) {
      if (its !== key || !hand) continue;
      this.#containers.delete(containerId);
      return { containerId, hand };
    }
    return undefined;
  }

  has(containerId: string): boolean {
    return this.#containers.has(containerId);
  }

  linked(containerId: string, hand: () => void): void {
    const standby = this.#containers.get(containerId);
    if (standby) standby.hand = hand;
  }

  /** `hand` is of the link that is gone: the container may have linked up again before that was noticed. */
  unlinked(containerId: string, hand: () => void): void {
    const standby = this.#containers.get(containerId);
    if (standby?.hand === hand) standby.hand = null;
  }

  measured(containerId: string, memoryBytes: number): void {
    const standby = this.#containers.get(containerId);
    if (standby) standby.memoryBytes = memoryBytes;
  }

  exited(containerId: string): void {
    if (this.#containers.delete(containerId)) this.#refillSoon();
  }

  list(): StandbyView[] {
    return Array.from(this.#containers.values(), ({ containerId, image, createdAtMs, memoryBytes, hand }) => ({
      containerId,
      packages: Object.entries(image.packages).map(([name, version]) => `${name}@${version}`),
      ready: hand !== null,
      createdAtMs,
      memoryBytes,
    }));
  }

  #used(image: ContainerImage): void {
    const key = this.#deps.driver.standbyKey(image);
    if (key !== null) this.#uses.set(key, { key, image, lastUsedMs: this.#deps.now() });
  }

  #refillSoon(): void {
    clearTimeout(this.#refill);
    if (!this.#stopped) this.#refill = setTimeout(() => this.#balance(), REFILL_MS);
  }

  /** Starts what is missing, and ends what is too much. */
  #balance(): void {
    const { budget, now } = this.#deps;
    const targets = standbyTargets([...this.#uses.values()], { budget, nowMs: now() });
    const counts = new Map<string, number>();
    for (const { containerId, key } of [...this.#containers.values()]) {
      const count = (counts.get(key) ?? 0) + 1;
      if (count > (targets.get(key) ?? 0)) void this.#end(containerId);
      else counts.set(key, count);
    }
    for (const key of this.#uses.keys()) if (!targets.has(key) && !counts.has(key)) this.#uses.delete(key);
    if (now() < this.#pausedUntilMs) return;
    for (const [key, target] of targets) {
      const image = this.#uses.get(key)?.image;
      for (let count = counts.get(key) ?? 0; image && count < target; count += 1) void this.#startOne(key, image);
    }
  }

  async #startOne(key: string, image: ContainerImage): Promise<void> {
    const { driver, images, linkUrl, containerToken, now, log } = this.#deps;
    const containerId = newId();
    this.#containers.set(containerId, { containerId, key, image, createdAtMs: now(), memoryBytes: null, hand: null });
    try {
      await images.ready(image);
      const token = containerToken(containerId);
      if (this.#containers.has(containerId) && !this.#stopped) {
        const nobody = { functionId: null, deploymentId: null };
        await driver.start({
          containerId,
          ...nobody,
          image,
          linkUrl,
          token,
          memoryMiB: null,
          cpu: null,
          volumes: [],
          gpus: [],
          blockNetwork: false,
        });
      }
    } catch (error) {
      this.#containers.delete(containerId);
      this.#pausedUntilMs = now() + FAILURE_PAUSE_MS;
      log.warn({ containerId, reason: errorData(error).message }, "no container could be kept ready");
    }
  }

  async #end(containerId: string): Promise<void> {
    this.#containers.delete(containerId);
    await this.#deps.driver.stop(containerId, { graceMs: STOP_GRACE_MS }).catch((error: unknown) => {
      this.#deps.log.warn(
        { containerId, reason: errorData(error).message },
        "a container kept ready could not be ended",
      );
    });
  }
}
