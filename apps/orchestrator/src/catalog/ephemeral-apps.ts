/**
 * Ephemeral apps live while somebody holds them. Without a holder for 30 s an app is stopped; a detached one is
 * stopped when its calls are finished. Holders are links and live in memory: after a restart every ephemeral app has
 * the same 30 s for its holder to come back.
 */
import type { Logger } from "../telemetry/logger.ts";

const UNHELD_GRACE_MS = 30_000;
const SWEEP_MS = 1_000;

export interface EphemeralApp {
  appId: string;
  detached: boolean;
}

export interface EphemeralAppsDeps {
  /** The ephemeral apps that are not stopped. */
  list: () => Promise<EphemeralApp[]>;
  hasUnfinishedCalls: (appId: string) => Promise<boolean>;
  stopApp: (appId: string, reason: string) => Promise<void>;
  now: () => number;
  log: Logger;
}

interface Entry {
  holders: Set<string>;
  unheldSinceMs: number;
  detached: boolean;
}

export class EphemeralApps {
  readonly #deps: EphemeralAppsDeps;
  readonly #apps = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(deps: EphemeralAppsDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    if (this.#timer) return;
    for (const { appId, detached } of await this.#deps.list()) {
      this.track(appId);
      if (detached) this.detach(appId);
    }
    this.#timer = setInterval(() => this.#sweepSafely(), SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#sweeping;
  }

  /** A new app; whoever deployed it has the grace to hold it. */
  track(appId: string): void {
    if (this.#apps.has(appId)) return;
    this.#apps.set(appId, { holders: new Set(), unheldSinceMs: this.#deps.now(), detached: false });
  }

  /** The app has ended. */
  forget(appId: string): void {
    this.#apps.delete(appId);
  }

  /** Holding an app that is not ephemeral, or is stopped, means nothing. */
  hold(appId: string, linkId: string): void {
    this.#apps.get(appId)?.holders.add(linkId);
  }

  /** The link is gone: it holds nothing any more. */
  release(linkId: string): void {
    for (const entry of this.#apps.values()) {
      if (entry.holders.delete(linkId) && entry.holders.size === 0) entry.unheldSinceMs = this.#deps.now();
    }
  }

  detach(appId: string): void {
    const entry = this.#apps.get(appId);
    if (entry) entry.detached = true;
  }

  /** Stops the apps whose time has come. */
  async sweep(): Promise<{ stopped: number }> {
    let stopped = 0;
    for (const [appId, entry] of [...this.#apps]) {
      const reason = await this.#reasonToStop(appId, entry);
      // A holder may have come while the database was asked.
      if (reason === undefined || entry.holders.size > 0) continue;
      await this.#deps.stopApp(appId, reason);
      this.forget(appId);
      stopped += 1;
    }
    return { stopped };
  }

  async #reasonToStop(appId: string, { holders, unheldSinceMs, detached }: Entry): Promise<string | undefined> {
    if (holders.size > 0) return undefined;
    if (detached) {
      return (await this.#deps.hasUnfinishedCalls(appId)) ? undefined : "it was detached and its calls are finished";
    }
    return this.#deps.now() - unheldSinceMs >= UNHELD_GRACE_MS ? "nobody has held it for 30 s" : undefined;
  }

  #sweepSafely(): void {
    this.#sweeping ??= this.sweep()
      .then(({ stopped }) => {
        if (stopped > 0) this.#deps.log.info({ stopped }, "stopped ephemeral apps");
      })
      .catch((err: unknown) => this.#deps.log.warn({ err }, "could not look after ephemeral apps; trying again"))
      .finally(() => {
        this.#sweeping = undefined;
      });
  }
}
